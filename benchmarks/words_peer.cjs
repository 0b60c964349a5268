// Runs one other screen of words from npm; the same shape as words_peer.py.
const name = process.argv[2];
const sets = JSON.parse(require("fs").readFileSync(0, "utf8"));

function looker() {
  if (name === "obscenity") {
    const o = require("obscenity");
    const matcher = new o.RegExpMatcher({
      ...o.englishDataset.build(),
      ...o.englishRecommendedTransformers,
    });
    return (text) => {
      const found = matcher.getAllMatches(text);
      return [found.length > 0, found.map((m) => [m.startIndex, m.endIndex + 1])];
    };
  }
  const leo = require("leo-profanity");
  return (text) => [leo.check(text), null];
}

const look = looker();
look(sets[0][0]);
for (const texts of sets) {
  const answers = texts.map((text) => {
    const began = process.hrtime.bigint();
    const [marked, spans] = look(text);
    return [Number(process.hrtime.bigint() - began) / 1000, marked, spans];
  });
  process.stdout.write(JSON.stringify(answers) + "\n");
}
