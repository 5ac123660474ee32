package job

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"crosscheck/engine/durable"
	"crosscheck/engine/privacy"

	"github.com/goccy/go-yaml/ast"
)

// Owner says to whom the folders and files of a tier belong. Their modes stay those of the tier.
type Owner struct {
	User, Group string // as the job has them; "": as it is
	uid, gid    int    // -1: as it is
	place       ast.Node
}

// Owners says to whom the tiers belong; one that is not in it belongs to whoever runs the job.
type Owners map[privacy.Tier]*Owner

// readOwner reads a part of Owner.
func (r *reader) readOwner(n ast.Node, tier privacy.Tier, word string, to Owners) {
	o := to[tier]
	if o == nil {
		o = &Owner{uid: -1, gid: -1, place: n}
		to[tier] = o
	}
	name, ok := r.text(n, word)
	if !ok {
		return
	}
	id, err := strconv.Atoi(name)
	known := err == nil && id >= 0 && id < 1<<31-1
	if word == "owner" {
		if u, err := user.Lookup(name); err == nil {
			id, err = strconv.Atoi(u.Uid)
			known = err == nil
		}
		o.User, o.uid = name, id
	} else {
		if g, err := user.LookupGroup(name); err == nil {
			id, err = strconv.Atoi(g.Gid)
			known = err == nil
		}
		o.Group, o.gid = name, id
	}
	if !known {
		r.fault(n, "there is no %s %q on this machine", map[string]string{"owner": "user", "group": "group"}[word], name)
	}
}

// String gives "officer:auditors", "officer" or ":auditors".
func (o *Owner) String() string {
	if o.Group == "" {
		return o.User
	}
	return o.User + ":" + o.Group
}

// CheckOwners says whether this user may give the tiers to those whom the job names, as far as can be told without trying. The error is an
// *Error.
func (j *Job) CheckOwners() error {
	if os.Geteuid() == 0 {
		return nil
	}
	groups, _ := os.Getgroups() // none: its own
	var faults []error
	for _, tier := range privacy.Tiers() {
		o := j.Privacy.Owners[tier]
		if o != nil && (o.uid >= 0 && o.uid != os.Geteuid() || o.gid >= 0 && o.gid != os.Getegid() && !slices.Contains(groups, o.gid)) {
			faults = append(faults, j.ownerFault(o, string(tier)))
		}
	}
	return errors.Join(faults...)
}

// own gives a folder or file below the reports folder to the owner of its tier. The error is an *Error where this user may not.
func (n *night) own(at, tier string) error {
	o := n.owners[privacy.Tier(tier)]
	if o == nil {
		return nil
	}
	info, err := os.Lstat(at)
	if err != nil {
		return writeError(at, err)
	}
	is, known := info.Sys().(*syscall.Stat_t)
	if known && (o.uid < 0 || int(is.Uid) == o.uid) && (o.gid < 0 || int(is.Gid) == o.gid) {
		return nil
	}
	err = durable.Chown(at, o.uid, o.gid)
	if errors.Is(err, fs.ErrPermission) {
		return n.job.ownerFault(o, tier)
	}
	if err != nil {
		return writeError(at, err)
	}
	// The kernel may have taken the bits away that hand a group down.
	if err := durable.Chmod(at, info.Mode()&(fs.ModePerm|fs.ModeSetgid|fs.ModeSticky)); err != nil {
		return writeError(at, err)
	}
	return nil
}

// ownerFault says that this user may not give files away so.
func (j *Job) ownerFault(o *Owner, tier string) error {
	var may []string
	if o.uid >= 0 {
		may = append(may, fmt.Sprintf("to the user %s, which root alone may", o.User))
	}
	if o.gid >= 0 {
		may = append(may, fmt.Sprintf("to the group %s, which root and the owner may who is in that group", o.Group))
	}
	return &Error{Faults: []Fault{j.reader.faultOf(o.place, "this user (uid %d) may not give the tier %s %s", os.Getuid(), tier, strings.Join(may, " and "))}}
}
