package job

import (
	"context"
	"path/filepath"
	"strings"

	"crosscheck/engine/notify"
	"crosscheck/engine/privacy/secret"
)

// Notify says who is told of a run that went wrong.
type Notify struct {
	Webhook *Address
	On      []string // Occasions
}

// Occasions of Notify.On.
const (
	OnFailure = "failure" // nothing was published
	OnGate    = "gate"    // a gate was broken
)

// Occasions lists the words that Notify.On may hold; left out, it holds all.
func Occasions() []string { return []string{OnFailure, OnGate} }

// Lineage says where the OpenLineage events of a run go.
type Lineage struct {
	URL       *Address // nil: nowhere
	File      string   // one event a line is added to it; "": none
	Namespace string   // of the job
}

// DefaultNamespace is Lineage.Namespace of a job that names none.
const DefaultNamespace = "crosscheck"

// Address is a URL, which may be a secret: who has that of a webhook can post.
type Address struct {
	url     secret.Value[string]
	command []string // writes the URL to its standard output; nil: url has it
}

// URL gives the address. A command is run in the folder of the job file; no error shows what it wrote.
func (j *Job) URL(ctx context.Context, a *Address) (secret.Value[string], error) {
	if a.command == nil {
		return a.url, nil
	}
	text, err := runCommand(ctx, a.command, filepath.Dir(j.File), "URL")
	if err != nil {
		return secret.Value[string]{}, err
	}
	url := strings.TrimSpace(string(text))
	return secret.New(url), notify.CheckURL(url)
}

// Place gives what may be shown of an address: its scheme and host, or the program that gives it.
func (a *Address) Place() string {
	if a.command != nil {
		return "what " + a.command[0] + " says"
	}
	return notify.Place(a.url.Reveal())
}
