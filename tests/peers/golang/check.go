// Checks proofs with the packages that Go itself checks its module log with.
//
// Reads a JSON list of {"vkey", "proof", "leaf"} (proof: C2SP tlog-proof, leaf: base64)
// and prints a line for each: "ok INDEX SIZE" or what is wrong.
package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	Vkey, Proof, Leaf string
}

func check(q question) (int64, int64, error) {
	head, signed, found := strings.Cut(q.Proof, "\n\n")
	if !found {
		return 0, 0, errors.New("no checkpoint")
	}
	lines := strings.Split(head, "\n")
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return 0, 0, errors.New("not a proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return 0, 0, err
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return 0, 0, err
		}
		proof = append(proof, hash)
	}
	verifier, err := note.NewVerifier(q.Vkey)
	if err != nil {
		return 0, 0, err
	}
	opened, err := note.Open([]byte(signed), note.VerifierList(verifier))
	if err != nil {
		return 0, 0, err
	}
	said := strings.Split(opened.Text, "\n")
	if said[0] != verifier.Name() {
		return 0, 0, errors.New("another log")
	}
	size, err := strconv.ParseInt(said[1], 10, 64)
	if err != nil {
		return 0, 0, err
	}
	root, err := tlog.ParseHash(said[2])
	if err != nil {
		return 0, 0, err
	}
	leaf, err := base64.StdEncoding.DecodeString(q.Leaf)
	if err != nil {
		return 0, 0, err
	}
	return index, size, tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(leaf))
}

func main() {
	var questions []question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, q := range questions {
		if index, size, err := check(q); err != nil {
			fmt.Println(err)
		} else {
			fmt.Println("ok", index, size)
		}
	}
}
