// Package browser tests the pages of package page in a real browser. It is a module of its own, since the protocol of the browser is a
// large tree that the program does not need.
package browser
