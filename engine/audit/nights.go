package audit

import (
	"maps"
	"slices"
)

// nights holds the manifests against the publish entries of the trail, which has no fault in itself.
func (v *verifier) nights() {
	for _, d := range v.manifests.damaged {
		if v.sealed[d.File] != d {
			v.fault(d.File, 0, "this is no manifest: it was changed after it was written")
		}
	}
	old := 0 // manifests of sealed segments
	for _, m := range v.manifests.all {
		entry := v.entryOf(m.date)
		switch {
		case m.Audit != nil && m.Audit.Seq == entry:
			// The line itself was held against it.
		case entry > 0 && v.manifests.staged[m.date]:
			v.unfinished(m.date, entry)
		case entry > 0 && m.Audit == nil:
			v.fault(m.name, 0, "it has no anchor, though entry %d published that night: it was changed, or an older one was put back", entry)
		case entry > 0:
			v.fault(m.name, 0, "it anchors entry %d, though it is entry %d that published that night: an older one was put back", m.Audit.Seq, entry)
		case m.Audit == nil && v.first > 0 && m.Started.After(v.began):
			v.fault(m.name, 0, "it has no anchor, and the trail knows nothing of that night: it was changed or put there")
		case m.Audit != nil && m.Audit.Seq >= v.first:
			v.fault(m.name, 0, "it anchors entry %d, whose night did not come to be: it was put there", m.Audit.Seq)
		case m.Audit != nil:
			old++
		}
	}
	if old > 0 {
		v.note("manifests that anchor entries of sealed segments, and are not checked: %d", old)
	}
	for _, date := range slices.Sorted(maps.Keys(v.published)) {
		entry := v.entryOf(date)
		switch {
		case entry == 0 || v.purged[date] || v.manifests.has(date):
		case v.manifests.staged[date]:
			v.unfinished(date, entry)
		default:
			v.note("the night %s, which entry %d published, has no manifest any more", date, entry)
		}
	}
	if v.Purging > 0 {
		v.note("the purge that entry %d began did not end: it was killed or failed; the next one ends it", v.Purging)
	}
}

// unfinished notes a publication that no manifest anchors, and why.
func (v *verifier) unfinished(date string, entry int64) {
	v.Pending[date] = entry
	v.note("the night %s, which entry %d was to publish, did not come to be: that run was killed; the next one puts back what was there and says so", date, entry)
}
