// Package durable writes files and names that outlive a power cut.
//
// Everything that a night writes goes through the calls of [FS], so that package durabletest can have each of them fail, or lose what was not
// synced yet, as a power cut does. On disk it leaves what it is asked for, and path.tmp of a file under way, which only a kill leaves.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile gives a file a content and exactly this mode, whatever the umask. At any moment the file is as it was or as it shall be: it is
// written beside itself, as path.tmp, of which an error leaves nothing. Errors are those of package os; see Cause.
func WriteFile(path string, content []byte, mode fs.FileMode) error {
	temp := path + ".tmp"
	f, err := disk.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = disk.Rename(temp, path)
	}
	if err != nil {
		_ = disk.Remove(temp) // there is nothing more to do about it
		return err
	}
	return disk.SyncDir(filepath.Dir(path))
}

// Cause gives what is behind an error of package os, without the path: the message around it has that, and the name of a temporary file
// would only puzzle.
func Cause(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return link.Err
	}
	return err
}
