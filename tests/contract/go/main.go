// Asks golang.org/x/mod's note and tlog packages about our bytes.
//
// Reads a JSON list of questions, writes a JSON list of answers: empty where the packages accept,
// else why they do not.
package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Byte slices are base64 in JSON. Old and Proof serve consistency; Leaf, Index and Proof
// inclusion; with Folder x/mod makes the proof itself out of the tiles there.
type question struct {
	Vkey       string
	Checkpoint []byte
	Old        []byte
	Leaf       []byte
	Index      int64
	Proof      [][]byte
	Folder     string
}

func main() {
	var questions []question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		panic(err)
	}
	answers := make([]string, len(questions))
	for i, q := range questions {
		if err := q.answer(); err != nil {
			answers[i] = err.Error()
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}

func (q question) answer() error {
	tree, err := open(q.Checkpoint, q.Vkey)
	if err != nil {
		return err
	}
	proof := make([]tlog.Hash, len(q.Proof))
	for i, hash := range q.Proof {
		if copy(proof[i][:], hash) != tlog.HashSize || len(hash) != tlog.HashSize {
			return errors.New("a hash of the proof has the wrong length")
		}
	}
	switch {
	case q.Old != nil:
		old, err := open(q.Old, q.Vkey)
		if err != nil {
			return err
		}
		if q.Folder != "" {
			proof, err = tlog.ProveTree(tree.N, old.N, tlog.TileHashReader(tree, tiles(q.Folder)))
			if err != nil {
				return err
			}
		}
		return tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
	case q.Folder != "":
		return q.answerFromTiles(tree)
	case q.Leaf != nil:
		return tlog.CheckRecord(proof, tree.N, tree.Hash, q.Index, tlog.RecordHash(q.Leaf))
	}
	return nil
}

// answerFromTiles proves the leaf with hashes that x/mod reads from the published tiles, each
// authenticated against the signed root.
func (q question) answerFromTiles(tree tlog.Tree) error {
	reader := tlog.TileHashReader(tree, tiles(q.Folder))
	proof, err := tlog.ProveRecord(tree.N, q.Index, reader)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, q.Index, tlog.RecordHash(q.Leaf))
}

func open(checkpoint []byte, vkey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(checkpoint, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("no checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, errors.New("the root is no hash")
	}
	return tlog.Tree{N: size, Hash: tlog.Hash(root)}, nil
}

// tiles is a folder of C2SP tlog-tiles: x/mod's own layout, without the height in the path.
type tiles string

func (tiles) Height() int { return 8 }

func (folder tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	read := make([][]byte, len(wanted))
	for i, tile := range wanted {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(folder), path))
		if errors.Is(err, os.ErrNotExist) && tile.W < 256 {
			// C2SP tlog-tiles: a partial tile may be gone once the full one is there.
			full := tile
			full.W = 256
			path = strings.Replace(full.Path(), "tile/8/", "tile/", 1)
			if data, err = os.ReadFile(filepath.Join(string(folder), path)); err == nil {
				data = data[:min(len(data), tile.W*tlog.HashSize)]
			}
		}
		if err != nil {
			return nil, err
		}
		read[i] = data
	}
	return read, nil
}

func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}
