package engine

import "slices"

// unparsed is the values of a field that do not read as its type on one level.
type unparsed struct {
	count int64
	first []uint32 // references of rows, at least the least maxUnparsed of them
}

// maxUnparsed is how many of them a summary lists for each field and level.
const maxUnparsed = 10

// add takes rows of a batch up, whose first row has the reference ref.
func (u *unparsed) add(rows []int, ref uint32) {
	u.count += int64(len(rows))
	for _, row := range rows {
		u.first = append(u.first, ref+uint32(row))
	}
	u.cut(4 * maxUnparsed)
}

// take takes up what is known of a part, whose first row has the reference ref.
func (u *unparsed) take(o *unparsed, ref uint32) {
	u.count += o.count
	for _, row := range o.first {
		u.first = append(u.first, ref+row)
	}
	u.cut(4 * maxUnparsed)
}

// merge takes up what another worker found.
func (u *unparsed) merge(o unparsed) {
	u.count += o.count
	u.first = append(u.first, o.first...)
	u.cut(maxUnparsed)
}

// cut drops the greater references where there are more than some.
func (u *unparsed) cut(most int) {
	if len(u.first) > most {
		slices.Sort(u.first)
		u.first = slices.Clip(u.first[:maxUnparsed])
	}
}

// summarizeUnparsed adds to the summary, whose fields are counted, what did not read as its type.
func (r *run) summarizeUnparsed(s *Summary) {
	s.Unparseable = []Unparseable{}
	for f := range s.Fields {
		for l, name := range r.plan.Levels {
			var all unparsed
			for _, w := range r.workers {
				all.merge(w.unparsed[f*len(r.plan.levels)+l])
			}
			s.Fields[f].Unparseable = append(s.Fields[f].Unparseable, all.count)
			slices.Sort(all.first)
			for _, ref := range all.first {
				file, row := r.locate(l, ref)
				s.Unparseable = append(s.Unparseable, Unparseable{Field: s.Fields[f].Field, Level: name, File: r.plan.files[file], Row: row})
			}
		}
	}
}
