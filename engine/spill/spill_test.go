package spill

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"crosscheck/engine/durable"
)

func piece(r *rand.Rand, n int) []byte {
	b := make([]byte, n, n+Overhead)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// TestFile writes pieces of all sizes with many goroutines and reads each back, while the folder stays empty.
func TestFile(t *testing.T) {
	dir := t.TempDir()
	f, err := Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var wg sync.WaitGroup
	for g := range uint64(4) {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(g, 1))
			var extents []Extent
			var want [][]byte
			for range 50 {
				p := piece(r, r.IntN(3000))
				want = append(want, bytes.Clone(p))
				e, err := f.Write(p)
				if err != nil {
					t.Error(err)
					return
				}
				extents = append(extents, e)
			}
			var buf []byte
			for i, e := range extents {
				got, err := f.Read(e, buf)
				if err != nil || !bytes.Equal(got, want[i]) {
					t.Errorf("a piece of %d bytes did not come back: %v", e.N, err)
					return
				}
				buf = got
			}
		})
	}
	wg.Wait()
	if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
		t.Errorf("the file has a name: %v, %v", names, err)
	}
}

// seen is a file system that keeps hold of the file it makes.
type seen struct {
	durable.FS
	file durable.File
}

func (s *seen) CreateTemp(dir, pattern string) (durable.File, error) {
	f, err := s.FS.CreateTemp(dir, pattern)
	s.file = f
	return f, err
}

// TestSealed holds that the disk has nothing of what was written in the clear, and that every flipped bit is noticed.
func TestSealed(t *testing.T) {
	s := &seen{FS: durable.OS{}}
	defer durable.Use(durable.Use(s))
	f, err := Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	plain := bytes.Repeat([]byte("a value of a record"), 10)
	e, err := f.Write(bytes.Clone(plain))
	if err != nil {
		t.Fatal(err)
	}
	disk := make([]byte, f.Size())
	if _, err := s.file.ReadAt(disk, 0); err != nil {
		t.Fatal(err)
	}
	for i := range plain[:len(plain)-4] {
		if bytes.Contains(disk, plain[i:i+4]) {
			t.Fatal("the disk has a part of the text in the clear")
		}
	}
	for i := range disk {
		disk[i] ^= 1 << (i % 8)
		if _, err := s.file.WriteAt(disk, 0); err != nil {
			t.Fatal(err)
		}
		var fault *Error
		if _, err := f.Read(e, nil); !errors.As(err, &fault) || !errors.Is(err, errDamaged) {
			t.Fatalf("byte %d was flipped: got %v", i, err)
		}
		disk[i] ^= 1 << (i % 8)
	}
}

// TestNoFolder holds that the message names the folder and nothing else.
func TestNoFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	_, err := Create(dir)
	if !errors.Is(err, fs.ErrNotExist) || err.Error() != "temporary file in "+dir+": no such file or directory" {
		t.Errorf("got %v", err)
	}
}

// TestBehind writes pieces behind with many goroutines and few blocks, some larger than a block, and holds that each comes back.
func TestBehind(t *testing.T) {
	f, err := Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := f.Behind(5, 1000)
	var mu sync.Mutex
	want := map[Extent][]byte{}
	var wg sync.WaitGroup
	for g := range uint64(4) {
		wg.Go(func() {
			r, out := rand.New(rand.NewPCG(g, 2)), b.Writer()
			defer out.Flush()
			for range 200 {
				p := piece(r, r.IntN(1+r.IntN(1500)))
				text := bytes.Clone(p)
				e, err := out.Write(p)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				want[e] = text
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if err := b.Wait(); err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for e, text := range want {
		total += int64(len(text) + Overhead)
		f.Ahead(e)
		if got, err := f.Read(e, nil); err != nil || !bytes.Equal(got, text) {
			t.Fatalf("a piece of %d bytes did not come back: %v", e.N, err)
		}
	}
	if len(want) != 800 || f.Size() != total {
		t.Errorf("%d pieces of %d bytes with their seals, of 800 of %d", len(want), f.Size(), total)
	}
}

// full is a disk on which nothing can be written.
type full struct{ durable.File }

func (full) WriteAt([]byte, int64) (int, error) { return 0, syscall.ENOSPC }

// TestBehindFull holds that a disk that is full is told, and that nobody waits for ever.
func TestBehindFull(t *testing.T) {
	f, err := Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.file = full{f.file}
	b := f.Behind(3, 100)
	out := b.Writer()
	for range 50 {
		_, err = out.Write([]byte("a text of more bytes"))
	}
	out.Flush()
	for _, err := range []error{err, b.Wait()} {
		var fault *Error
		if !errors.As(err, &fault) || !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("got %v", err)
		}
	}
}
