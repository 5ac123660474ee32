package audit

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
)

// whoami gives the user of this process. The name is that of the real user ID: what the environment says of the user does not count,
// but for SUDO_USER, which is given as such.
func whoami() Who {
	uid := os.Getuid()
	w := Who{User: fmt.Sprintf("uid %d", uid), UID: uid, SudoUser: os.Getenv("SUDO_USER"), Host: "this host", PID: os.Getpid()}
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		w.User = u.Username
	}
	if host, err := os.Hostname(); err == nil {
		w.Host = host
	}
	return w
}
