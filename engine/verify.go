package engine

import (
	"context"
	"errors"

	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// Everything that a run decides, it decides by hashes: of keys, of values, and by their sums. With Options.Exact it first reads all rows and holds
// the hashes against the keys and values themselves: that no two rows of other keys have one hash, and that, among the rows of a record, no two
// values of a field that are not equal have one, and no two rows that are not equal have one fingerprint. If so, what follows is what it would be
// with no hash at all. If not, by an accident or because somebody chose the values so, hashes with a fresh secret take their place, and are held
// against the values in turn.
//
// One row of each record is held in memory, and beside it the values in which others differ. Where that is more than the run may take, it is done
// in several passes over the levels, for a share of the keys each.

// verifyTries is the number of hashes that are tried. That two of them hide something has a chance of less than 2^-40.
const verifyTries = 4

// errHidden says that a hash hides a difference.
var errHidden = errors.New("no hash was found that tells all keys and values apart")

// verifyFirst has a run use hashes that hide nothing, and no fingerprints that were kept: they are not those of values that were looked at.
func verifyFirst(ctx context.Context, plan *Plan, opt *Options) ([]Phase, error) {
	r, err := newRun(plan, *opt)
	if err != nil {
		return nil, err
	}
	opt.Kept = nil
	m := plan.Memory // there is no table yet
	m.Spill = false
	opt.fitted(m, 0)
	err = r.phase(ctx, "verify", func(ctx context.Context) (err error) {
		opt.seed, err = r.verify(ctx)
		return err
	})
	return r.summary.Phases, err
}

// verify finds a hash that hides nothing, nil for the one without a secret.
func (r *run) verify(ctx context.Context) (*record.Seed, error) {
	for try := range verifyTries {
		switch {
		case try < len(r.opt.weak):
			r.seed = r.opt.weak[try]
		case try > 0:
			r.seed = record.NewSeed(64, 64)
		}
		if err := r.verifyAll(ctx); !errors.Is(err, errHidden) {
			return r.seed, err
		}
	}
	return nil, errHidden
}

// verifyAll holds the hashes against the values of all rows; errHidden where one hides something.
func (r *run) verifyAll(ctx context.Context) error {
	var p pass
	for passes, more := int64(0), true; more; passes++ {
		r.progress.begin("verify", (passes+1)*r.plan.totalRows())
		r.progress.skip("", passes*r.plan.totalRows())
		w := newWitnesses(r, p)
		switch err := r.verifyPass(ctx, w); {
		case errors.Is(err, errCrowded):
			p.parted = true
		case err != nil:
			return err
		default:
			p, more = p.next(w.to.Load())
		}
	}
	return nil
}

// verifyPass reads all levels for one share of the keys.
func (r *run) verifyPass(ctx context.Context, w *witnesses) error {
	type task struct {
		level int
		bundle
	}
	var tasks []task
	for l := range r.plan.levels {
		if l >= len(r.plan.Levels) && r.keyText.Reversible() {
			continue // a roster has keys alone, and they are no hashes
		}
		for _, b := range r.plan.levels[l].bundles(r.opt.Workers) {
			tasks = append(tasks, task{l, b})
		}
	}
	verifiers := make([]*verifier, r.opt.Workers)
	for i := range verifiers {
		verifiers[i] = r.newVerifier(w)
	}
	defer func() {
		for _, v := range verifiers {
			v.release()
		}
	}()
	return r.parallelBy(ctx, len(tasks), func(worker, i int) error {
		return verifiers[worker].read(ctx, tasks[i].level, tasks[i].bundle)
	})
}

// verifier is what one goroutine of verifyPass has.
type verifier struct {
	*witnesses
	packer  *record.KeyPacker
	hashers []*record.Hasher // a field
	keys    []record.Key
	states  []record.KeyState
	row     []byte
	value   []byte
	text    []byte

	hashedKeys bool // keys are hashes of their texts

	held, other decoded // that differ
	apart       []bool  // a group: whether they do in it

	heldRow   []byte   // of which held and what follows are, nil: they are of no witness as it is kept
	heldHash  []uint64 // a field
	heldNull  []bool   // a field
	otherHash []uint64 // a field that the level has
}

func (r *run) newVerifier(w *witnesses) *verifier {
	v := &verifier{witnesses: w, packer: r.newPacker(), hashedKeys: !r.keyText.Reversible(), apart: make([]bool, len(r.shape.Groups))}
	n := len(r.plan.Fields)
	for f := range n {
		v.hashers = append(v.hashers, r.newHasher(f))
	}
	v.held.fields, v.other.fields = make([][]byte, n), make([][]byte, n)
	v.heldHash, v.heldNull, v.otherHash = make([]uint64, n), make([]bool, n), make([]uint64, n)
	return v
}

func (v *verifier) release() {
	for _, h := range v.hashers {
		h.Release()
	}
}

// read reads a bundle of a level.
func (v *verifier) read(ctx context.Context, l int, b bundle) error {
	r := v.r
	pl := &r.plan.levels[l]
	columns, at := project(pl.key, pl.fields)
	keyAt, fieldAt := at[:len(pl.key)], at[len(pl.key):]
	keyCols, cols := make([]arrow.Array, len(keyAt)), make([]record.Canonicals, len(fieldAt))
	return pl.scan(ctx, b, columns, func(batch arrow.Record, _ uint32) error {
		for i, c := range keyAt {
			keyCols[i] = batch.Column(c)
		}
		for i, c := range fieldAt {
			if c >= 0 {
				cols[i] = v.hashers[i].Canonicals(batch.Column(c))
			}
		}
		n := int(batch.NumRows())
		if cap(v.keys) < n {
			v.keys, v.states = make([]record.Key, n), make([]record.KeyState, n)
		}
		v.keys, v.states = v.keys[:n], v.states[:n]
		v.packer.Pack(keyCols, v.keys, v.states)
		for i, key := range v.keys {
			if v.states[i] == record.KeyNone {
				continue
			}
			shard := v.shardOf(key)
			if shard == nil {
				continue
			}
			v.encode(keyCols, cols, fieldAt, i)
			if err := shard.see(v, l, key); err != nil {
				return err
			}
		}
		r.progress.add(pl.name, batch.NumRows())
		return v.shrink()
	})
}

// encode writes row i to v.row: the canonical text of the key unless the packed key says it all, then the canonical value of each field, each with
// its length before it; of fields that the level lacks the length alone, 0.
func (v *verifier) encode(keyCols []arrow.Array, cols []record.Canonicals, fieldAt []int, i int) {
	v.row = v.row[:0]
	if v.hashedKeys {
		v.text, _ = v.packer.AppendCanonical(v.text[:0], keyCols, i)
		v.row = appendCounted(v.row, v.text)
	}
	for f := range cols {
		v.value = v.value[:0]
		if fieldAt[f] >= 0 {
			v.value = cols[f].Append(v.value, i)
		}
		v.row = appendCounted(v.row, v.value)
	}
}
