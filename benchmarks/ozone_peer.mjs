// Ozone and the servers around it, for benchmarks/ozone.py. What to do comes as one line
// of JSON on standard input, the answer goes as one line to standard output; the process
// lives until its standard input is closed, so it never outlives who started it.
import net from 'node:net'
import { createInterface } from 'node:readline'

// Without this, every server of the kit would listen on all interfaces.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  const port = first !== null && typeof first === 'object' ? first.port : first
  const done = rest.find((one) => typeof one === 'function')
  return listen.call(this, { port: Number(port ?? 0), host: '127.0.0.1' }, done)
}
// Standard output is for the answer alone.
console.log = console.info = console.error

const HOUR = 3600
const AT_ONCE = 8
const WRITES = 200
const EMIT = 'tools.ozone.moderation.emitEvent'

// What Ozone noted of a link at the report it need not look up at the decision; of plain
// text it noted nothing, and looks again.
const EMBEDS = {
  linked: {
    $type: 'app.bsky.embed.external',
    external: { uri: 'https://bench.example/', title: 'A page', description: '' },
  },
  plain: undefined,
}

/** Comments in the author's repository, one for each text. */
async function write(author, texts, embed) {
  const subjects = []
  for (let at = 0; at < texts.length; at += WRITES) {
    const { data } = await author.com.atproto.repo.applyWrites({
      repo: author.assertDid,
      writes: texts.slice(at, at + WRITES).map((text) => ({
        $type: 'com.atproto.repo.applyWrites#create',
        collection: 'app.bsky.feed.post',
        value: {
          $type: 'app.bsky.feed.post',
          text,
          langs: ['sv'],
          createdAt: new Date().toISOString(),
          ...(embed && { embed }),
        },
      })),
    })
    subjects.push(...data.results.map(({ uri, cid }) => ({ uri, cid })))
  }
  return subjects
}

/** PLC, PDS, AppView and an Ozone with comments that somebody reported. */
async function world({ database, texts }) {
  // The kit insists on an address of Redis, but nothing in this version connects to it.
  process.env.REDIS_HOST = '127.0.0.1:1'
  const { TestNetwork } = await import('@atproto/dev-env')
  const network = await TestNetwork.create({
    dbPostgresUrl: database,
    dbPostgresSchema: 'bench',
  })
  const [author, citizen, moderator] = await Promise.all(
    ['author', 'citizen', 'officer'].map(async (name) => {
      const agent = network.pds.getAgent()
      await agent.createAccount({
        handle: `${name}.test`,
        email: `${name}@example.org`,
        password: `${name} ${name} ${name}`,
      })
      return agent
    }),
  )
  const { ozone } = network
  await ozone.addModeratorDid(moderator.assertDid)

  const subjects = {}
  for (const [kind, embed] of Object.entries(EMBEDS)) {
    subjects[kind] = await write(author, texts, embed)
  }
  await network.processFullSubscription(600_000)

  // Through the citizen's server to Ozone, as an app sends it. Ozone fetches the comment
  // and notes its language and whether something hangs on it.
  const waiting = Object.values(subjects).flat()
  const report = async () => {
    for (let one = waiting.pop(); one; one = waiting.pop()) {
      await citizen.com.atproto.moderation.createReport({
        reasonType: 'com.atproto.moderation.defs#reasonRude',
        subject: { $type: 'com.atproto.repo.strongRef', ...one },
      })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, report))
  // Reports are put into their queues and statistics brought up to date; then the
  // daemon stops, for it would work beside both measures at times of its own.
  await ozone.processAll()

  // The longest that an account's server gives: one token lasts for all decisions, and
  // Ozone verifies its signature at each of them.
  const { data } = await moderator.com.atproto.server.getServiceAuth({
    aud: ozone.ctx.cfg.service.did,
    lxm: EMIT,
    exp: Math.floor(Date.now() / 1000) + HOUR - 60,
  })
  const { cfg, signingKey } = ozone.ctx
  await ozone.close()
  return {
    cfg,
    key: Buffer.from(signingKey.privateKey).toString('hex'),
    moderator: moderator.assertDid,
    token: data.token,
    subjects,
  }
}

/** The same Ozone in a process of its own, as it is in real use. */
async function service({ cfg, key }) {
  const { OzoneService } = await import('@atproto/ozone')
  const ozone = await OzoneService.create(
    { ...cfg, service: { ...cfg.service, port: 0 } },
    { adminPassword: crypto.randomUUID(), signingKeyHex: key },
  )
  const server = await ozone.start()
  return { port: server.address().port }
}

const input = createInterface({ input: process.stdin })
input.on('close', () => process.exit(0))
input.once('line', async (line) => {
  const work = process.argv[2] === 'world' ? world : service
  const answer = await work(JSON.parse(line))
  process.stdout.write(`${JSON.stringify(answer)}\n`)
})
