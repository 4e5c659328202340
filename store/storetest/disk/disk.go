package disk

import (
	"context"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// Disk is a mounted disk.
type Disk struct {
	dir    string
	server *fuse.Server

	mu   sync.Mutex
	now  *Image
	base *Image // as it was mounted
	log  []op

	full     atomic.Bool
	readOnly atomic.Bool
	failSync atomic.Bool
	slowSync atomic.Int64
}

// Mount mounts an empty disk, or what a cut left, on a folder that is there, until the test ends. It skips the test where it
// may not.
func Mount(t testing.TB, dir string, from *Image) *Disk {
	t.Helper()
	if _, err := os.Stat("/dev/fuse"); err != nil || os.Getuid() != 0 {
		t.Skip("a disk that forgets wants root and /dev/fuse")
	}
	if from == nil {
		from = newImage()
	}
	d := &Disk{dir: dir, now: from.clone(), base: from.clone()}
	var never time.Duration
	server, err := fs.Mount(dir, &node{disk: d, ino: root}, &fs.Options{
		MountOptions: fuse.MountOptions{FsName: "forgetful", Name: "forgetful", DirectMountStrict: true, DisableXAttrs: true},
		EntryTimeout: &never, AttrTimeout: &never, NegativeTimeout: &never, RootStableAttr: &fs.StableAttr{Ino: root},
	})
	if err != nil {
		t.Skipf("a disk that forgets could not be mounted here: %v", err)
	}
	d.server = server
	t.Cleanup(d.unmount)
	return d
}

// unmount takes the disk away, from under whoever still has files open on it.
func (d *Disk) unmount() {
	if d.server == nil {
		return
	}
	_ = syscall.Unmount(d.dir, syscall.MNT_DETACH)
	d.server.Wait()
	d.server = nil
}

// Pull cuts the power: the disk is taken away, and what is left of it is answered. Nobody may have a file open on it. With
// a nil rng the power stays, and everything that was written is there.
func (d *Disk) Pull(rng *rand.Rand) *Image {
	d.unmount()
	if rng == nil {
		return d.now
	}
	r := d.Replay()
	r.To(d.Recorded())
	return r.Cut(rng)
}

// Recorded is how many things were recorded until now. What a program says after it asked the disk to keep something is
// kept by every cut at this moment or later.
func (d *Disk) Recorded() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.log)
}

// Syncs are the moments just before each sync, when most may be lost.
func (d *Disk) Syncs() (at []int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, o := range d.log {
		if o.kind == opSync {
			at = append(at, i)
		}
	}
	return at
}

// Replay begins at the moment of the mount.
func (d *Disk) Replay() *Replay {
	d.mu.Lock()
	defer d.mu.Unlock()
	return &Replay{safe: d.base.clone(), pending: map[uint64][]op{}, log: slices.Clip(d.log)}
}

// Fill has every write end with "no space left on device" from here on, or no more.
func (d *Disk) Fill(full bool) { d.full.Store(full) }

// Lock has every change end with "read-only file system" from here on, or no more.
func (d *Disk) Lock(readOnly bool) { d.readOnly.Store(readOnly) }

// FailSync has every sync end with "input/output error" from here on, or no more.
func (d *Disk) FailSync(fail bool) { d.failSync.Store(fail) }

// SlowSync has every sync take so long.
func (d *Disk) SlowSync(by time.Duration) { d.slowSync.Store(int64(by)) }

// do applies and records a change, unless the disk is at fault.
func (d *Disk) do(ops ...op) syscall.Errno {
	for _, o := range ops {
		switch {
		case d.readOnly.Load():
			return syscall.EROFS
		case d.full.Load() && (o.kind == opWrite || o.kind == opMake):
			return syscall.ENOSPC
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, o := range ops {
		d.now.apply(o)
		d.log = append(d.log, o)
	}
	return 0
}

func (d *Disk) sync(ino uint64) syscall.Errno {
	time.Sleep(time.Duration(d.slowSync.Load()))
	if d.failSync.Load() {
		return syscall.EIO
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.log = append(d.log, op{kind: opSync, ino: ino})
	return 0
}

// node is a file or a folder as FUSE knows it.
type node struct {
	fs.Inode
	disk *Disk
	ino  uint64
}

func (n *node) kid(ctx context.Context, ino uint64, out *fuse.EntryOut) *fs.Inode {
	n.disk.mu.Lock()
	i := n.disk.now.inodes[ino]
	i.attr(ino, &out.Attr)
	n.disk.mu.Unlock()
	return n.NewInode(ctx, &node{disk: n.disk, ino: ino}, fs.StableAttr{Mode: out.Attr.Mode & syscall.S_IFMT, Ino: ino})
}

// attr tells dates that stand still: a new one would have the kernel drop its pages.
func (i *inode) attr(ino uint64, out *fuse.Attr) {
	out.Ino, out.Mode, out.Size, out.Nlink = ino, i.mode, uint64(len(i.data)), 1
	out.Blocks, out.Blksize = (out.Size+sector-1)/sector, 4096
}

// Lookup implements fs.NodeLookuper.
func (n *node) Lookup(ctx context.Context, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	n.disk.mu.Lock()
	ino, ok := n.disk.now.inodes[n.ino].kids[name]
	n.disk.mu.Unlock()
	if !ok {
		return nil, syscall.ENOENT
	}
	return n.kid(ctx, ino, out), 0
}

// Readdir implements fs.NodeReaddirer.
func (n *node) Readdir(context.Context) (fs.DirStream, syscall.Errno) {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	var list []fuse.DirEntry
	for name, ino := range n.disk.now.inodes[n.ino].kids {
		list = append(list, fuse.DirEntry{Name: name, Ino: ino, Mode: n.disk.now.inodes[ino].mode})
	}
	return fs.NewListDirStream(list), 0
}

// Getattr implements fs.NodeGetattrer.
func (n *node) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	n.disk.now.inodes[n.ino].attr(n.ino, &out.Attr)
	return 0
}

// Setattr implements fs.NodeSetattrer: sizes and modes.
func (n *node) Setattr(_ context.Context, _ fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	if size, ok := in.GetSize(); ok {
		if errno := n.disk.do(op{kind: opTruncate, ino: n.ino, off: int64(size)}); errno != 0 {
			return errno
		}
	}
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	i := n.disk.now.inodes[n.ino]
	if mode, ok := in.GetMode(); ok {
		i.mode = i.mode&syscall.S_IFMT | mode&0o7777
	}
	i.attr(n.ino, &out.Attr)
	return 0
}

// make makes an inode with a name.
func (n *node) make(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	n.disk.mu.Lock()
	ino := n.disk.now.next
	n.disk.now.next++
	n.disk.mu.Unlock()
	errno := n.disk.do(op{kind: opMake, ino: ino, mode: mode}, op{kind: opName, ino: n.ino, name: name, child: ino})
	if errno != 0 {
		return nil, errno
	}
	return n.kid(ctx, ino, out), 0
}

// Create implements fs.NodeCreater.
func (n *node) Create(ctx context.Context, name string, _, mode uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	i, errno := n.make(ctx, name, mode&^syscall.S_IFMT|syscall.S_IFREG, out)
	return i, nil, 0, errno
}

// Mkdir implements fs.NodeMkdirer.
func (n *node) Mkdir(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	return n.make(ctx, name, mode&^syscall.S_IFMT|syscall.S_IFDIR, out)
}

// Mknod implements fs.NodeMknoder, for sockets.
func (n *node) Mknod(ctx context.Context, name string, mode, _ uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	return n.make(ctx, name, mode, out)
}

// Open implements fs.NodeOpener.
func (n *node) Open(_ context.Context, flags uint32) (fs.FileHandle, uint32, syscall.Errno) {
	if flags&syscall.O_ACCMODE != syscall.O_RDONLY && n.disk.readOnly.Load() {
		return nil, 0, syscall.EROFS
	}
	return nil, 0, 0
}

// Read implements fs.NodeReader.
func (n *node) Read(_ context.Context, _ fs.FileHandle, dest []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	data := n.disk.now.inodes[n.ino].data
	if off >= int64(len(data)) {
		return fuse.ReadResultData(nil), 0
	}
	return fuse.ReadResultData(dest[:copy(dest, data[off:])]), 0
}

// Write implements fs.NodeWriter.
func (n *node) Write(_ context.Context, _ fs.FileHandle, data []byte, off int64) (uint32, syscall.Errno) {
	if errno := n.disk.do(op{kind: opWrite, ino: n.ino, off: off, data: slices.Clone(data)}); errno != 0 {
		return 0, errno
	}
	return uint32(len(data)), 0
}

// Fsync implements fs.NodeFsyncer, for files and folders.
func (n *node) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno { return n.disk.sync(n.ino) }

// Unlink implements fs.NodeUnlinker.
func (n *node) Unlink(_ context.Context, name string) syscall.Errno {
	return n.disk.do(op{kind: opUnname, ino: n.ino, name: name})
}

// Rmdir implements fs.NodeRmdirer.
func (n *node) Rmdir(_ context.Context, name string) syscall.Errno {
	n.disk.mu.Lock()
	left := len(n.disk.now.inodes[n.disk.now.inodes[n.ino].kids[name]].kids)
	n.disk.mu.Unlock()
	if left > 0 {
		return syscall.ENOTEMPTY
	}
	return n.disk.do(op{kind: opUnname, ino: n.ino, name: name})
}

// Rename implements fs.NodeRenamer, within one folder.
func (n *node) Rename(_ context.Context, name string, to fs.InodeEmbedder, toName string, flags uint32) syscall.Errno {
	if o, ok := to.(*node); !ok || o.ino != n.ino || flags != 0 {
		return syscall.EXDEV
	}
	n.disk.mu.Lock()
	child := n.disk.now.inodes[n.ino].kids[name]
	n.disk.mu.Unlock()
	return n.disk.do(op{kind: opRename, ino: n.ino, name: name, to: toName, child: child})
}

// Statfs implements fs.NodeStatfser: eight gigabytes, free unless it is full.
func (n *node) Statfs(_ context.Context, out *fuse.StatfsOut) syscall.Errno {
	out.Bsize, out.Blocks, out.Files, out.Ffree, out.NameLen = 4096, 2<<20, 1<<20, 1<<20, 255
	if !n.disk.full.Load() {
		out.Bfree, out.Bavail = 1<<20, 1<<20
	}
	return 0
}
