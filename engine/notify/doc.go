// Package notify tells other systems about a run over HTTP: it posts JSON documents and tries again where that may help.
//
// The address of a webhook is a secret: who has it can post. No error holds more of it than the scheme and the host, and no redirect
// is followed, since one would hand the document to somebody else.
package notify
