// process.c -- readers for /proc/self; see process.h

#include "os/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/format.h"
#include "os/memory.h"

// ---- Reading files ----------------------------------------------------------

static int open_for_reading(const char *path, int flags) {
  int descriptor;
  do
    descriptor = open(path, O_RDONLY | O_CLOEXEC | flags);
  while (descriptor < 0 && errno == EINTR);
  return descriptor < 0 ? -errno : descriptor;
}

// A file of this thread's.  /proc/self is the main thread, and empty once that
// has ended by pthread_exit().
static int open_own(const char *name) {
  char path[64];
  format_text(path, sizeof path, "/proc/thread-self/%s", name);
  int descriptor = open_for_reading(path, 0);
  if (descriptor >= 0)
    return descriptor;
  format_text(path, sizeof path, "/proc/self/%s", name);
  return open_for_reading(path, 0);
}

// Up to size - 1 bytes of a small file, NUL-terminated; the length, or -errno.
static ssize_t read_small_file(const char *path, char *text, size_t size) {
  int descriptor = open_for_reading(path, 0);
  if (descriptor < 0)
    return descriptor;
  size_t length = 0;
  ssize_t got;
  do {
    got = read(descriptor, text + length, size - 1 - length);
    if (got > 0)
      length += (size_t)got;
  } while (length < size - 1 && (got > 0 || (got < 0 && errno == EINTR)));
  close(descriptor);
  text[length] = '\0';
  return (ssize_t)length;
}

// Lines of a file of any length, one at a time; a longer line is cut.
struct line_reader {
  int descriptor;
  size_t at, end;  // in buffer
  char buffer[4096];
};

static bool next_line(struct line_reader *reader, char *line, size_t size) {
  size_t length = 0;
  for (;;) {
    if (reader->at == reader->end) {
      ssize_t got =
        read(reader->descriptor, reader->buffer, sizeof reader->buffer);
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return false;
      reader->at = 0;
      reader->end = (size_t)got;
    }
    char c = reader->buffer[reader->at++];
    if (c == '\n')
      break;
    if (length + 1 < size)
      line[length++] = c;
  }
  line[length] = '\0';
  return true;
}

// ---- Threads ----------------------------------------------------------------

unsigned os_process_thread_count(void) {
  int saved = errno;
  struct stat status;
  bool ok = stat("/proc/self/task", &status) == 0 && status.st_nlink > 2;
  errno = saved;
  return ok ? (unsigned)status.st_nlink - 2 : 0;  // less "." and ".."
}

// The kernel's struct linux_dirent64.
struct directory_entry {
  uint64_t inode;
  int64_t offset;
  unsigned short bytes;
  unsigned char type;
  char name[];
};

static pid_t read_tid(const char *name) {
  pid_t tid = 0;
  for (; *name >= '0' && *name <= '9'; name++)
    tid = tid * 10 + (*name - '0');
  return *name ? 0 : tid;
}

int os_process_visit_threads(void (*visit)(pid_t tid, void *context),
                             void *context) {
  int saved = errno;
  int descriptor = open_for_reading("/proc/self/task", O_DIRECTORY);
  if (descriptor < 0) {
    errno = saved;
    return descriptor;
  }
  _Alignas(uint64_t) char buffer[4096];
  long got;
  while ((got = syscall(SYS_getdents64, descriptor, buffer, sizeof buffer)) > 0)
    for (long at = 0; at < got;) {
      struct directory_entry *entry = (void *)(buffer + at);
      pid_t tid = read_tid(entry->name);
      if (tid > 0)
        visit(tid, context);
      at += entry->bytes;
    }
  close(descriptor);
  errno = saved;
  return got < 0 ? -EIO : 0;
}

// What follows the name in a thread's stat file: " S 1 ..."; its length or -errno.
static ssize_t read_stat(pid_t tid, char *text, size_t size) {
  int saved = errno;
  char path[64];
  format_text(path, sizeof path, "/proc/self/task/%d/stat", (int)tid);
  ssize_t length = read_small_file(path, text, size);
  errno = saved;
  const char *after_name = length > 0 ? strrchr(text, ')') : NULL;
  if (after_name)
    memmove(text, after_name + 1, strlen(after_name + 1) + 1);
  return length;
}

bool os_process_thread_is_gone(pid_t tid) {
  char text[512];
  ssize_t length = read_stat(tid, text, sizeof text);
  if (length == -ENOENT || length == -ESRCH)
    return os_process_thread_count() != 0;  // gone, unless /proc is
  if (length <= 0)
    return false;
  char state = text[0] ? text[1] : '\0';
  return state == 'Z' || state == 'X' || state == 'x';
}

// PF_IO_WORKER of the kernel's, in field 9 of stat, the seventh after the name.
#define WORKER_FLAGS 0x10u
#define FLAGS_FIELD 7

bool os_process_thread_is_worker(pid_t tid) {
  char text[512];
  if (read_stat(tid, text, sizeof text) <= 0)
    return false;
  const char *at = text;
  for (int field = 0; at && field < FLAGS_FIELD; field++)
    at = strchr(at + (field > 0), ' ');
  unsigned flags = 0;
  for (at = at ? at + 1 : ""; *at >= '0' && *at <= '9'; at++)
    flags = flags * 10 + (unsigned)(*at - '0');
  return (flags & WORKER_FLAGS) != 0;
}

static uint64_t read_hex(const char *text) {
  uint64_t value = 0;
  for (;; text++) {
    if (*text >= '0' && *text <= '9')
      value = value << 4 | (uint64_t)(*text - '0');
    else if (*text >= 'a' && *text <= 'f')
      value = value << 4 | (uint64_t)(*text - 'a' + 10);
    else
      return value;
  }
}

bool os_process_thread_blocks(pid_t tid, int signal) {
  int saved = errno;
  char path[64], text[4096];
  format_text(path, sizeof path, "/proc/self/task/%d/status", (int)tid);
  ssize_t length = read_small_file(path, text, sizeof text);
  errno = saved;
  const char *mask = length > 0 ? strstr(text, "\nSigBlk:\t") : NULL;
  return mask && read_hex(mask + 9) >> (signal - 1) & 1;
}

// ---- Mappings ---------------------------------------------------------------

#define UNLIKELY_WORD 0x5bd1e995u

// A wait that ends at once: the kernel reads the word (EFAULT if it cannot),
// then finds it another (EAGAIN), or now and then no time to wait (ETIMEDOUT,
// which takes a timer).
bool os_process_can_read(uintptr_t address) {
  int saved = errno;
  const struct timespec no_time = { 0, 0 };
  bool is_readable =
    syscall(SYS_futex, address & ~(uintptr_t)3, FUTEX_WAIT_PRIVATE,
            UNLIKELY_WORD, &no_time, NULL, 0) == 0
    || errno != EFAULT;
  errno = saved;
  return is_readable;
}

static struct range readable_from(uintptr_t address) {
  size_t page = os_page_bytes();
  uintptr_t low = address & ~(uintptr_t)(page - 1), high = low;
  while (os_process_can_read(high))
    high += page;
  return (struct range){ low, high };
}

// "low-high perms ..." of /proc/self/maps.
static struct range read_mapping(const char *line, bool *is_readable) {
  struct range range = { (uintptr_t)read_hex(line), 0 };
  const char *dash = strchr(line, '-');
  const char *space = dash ? strchr(dash, ' ') : NULL;
  *is_readable = space && space[1] == 'r';
  if (dash)
    range.high = (uintptr_t)read_hex(dash + 1);
  return range;
}

struct range os_process_mapping_of(uintptr_t address) {
  int saved = errno;
  struct line_reader reader = { .descriptor =
                                  open_own("maps") };
  if (reader.descriptor < 0) {
    errno = saved;
    return readable_from(address);
  }
  struct range found = { 0, 0 };
  char line[128];
  while (range_is_empty(found) && next_line(&reader, line, sizeof line)) {
    bool is_readable;
    struct range range = read_mapping(line, &is_readable);
    if (is_readable && range_has(range, address))
      found = range;
  }
  close(reader.descriptor);
  errno = saved;
  return range_is_empty(found) ? readable_from(address) : found;
}

#define PAGEMAP_TOUCHED ((uint64_t)3 << 62)  // present, or swapped out
#define PAGEMAP_ENTRIES 512

static struct range clip(struct range range, struct range to) {
  if (range.low < to.low)
    range.low = to.low;
  if (range.high > to.high)
    range.high = to.high;
  return range;
}

// Pages found one after the other, handed on as runs.
struct run_visit {
  struct range whole, run;
  range_visitor visit;
  void *context;
};

static void end_run(struct run_visit *runs) {
  if (!range_is_empty(runs->run))
    runs->visit(clip(runs->run, runs->whole), runs->context);
  runs->run = (struct range){ 0, 0 };
}

// A page that holds memory may still have been closed to reading since.
static void add_page(struct run_visit *runs, uintptr_t at) {
  if (!os_process_can_read(at))
    return;
  if (runs->run.high != at) {
    end_run(runs);
    runs->run.low = at;
  }
  runs->run.high = at + os_page_bytes();
}

static void add_touched(struct run_visit *runs, int descriptor) {
  size_t page = os_page_bytes();
  uintptr_t at = runs->whole.low & ~(uintptr_t)(page - 1);
  uint64_t entries[PAGEMAP_ENTRIES];
  while (at < runs->whole.high) {
    ssize_t got = pread(descriptor, entries, sizeof entries,
                        (off_t)(at / page * sizeof entries[0]));
    if (got < (ssize_t)sizeof entries[0]) {  // not told: look at each page
      add_page(runs, at);
      at += page;
      continue;
    }
    size_t count = (size_t)got / sizeof entries[0];
    for (size_t i = 0; i < count && at < runs->whole.high; i++, at += page)
      if (entries[i] & PAGEMAP_TOUCHED)
        add_page(runs, at);
  }
}

void os_process_visit_readable(struct range range, range_visitor visit,
                               void *context) {
  struct run_visit runs = { range, { 0, 0 }, visit, context };
  size_t page = os_page_bytes();
  for (uintptr_t at = range.low & ~(uintptr_t)(page - 1); at < range.high;
       at += page)
    add_page(&runs, at);
  end_run(&runs);
}

void os_process_visit_touched(struct range range, range_visitor visit,
                              void *context) {
  int saved = errno;
  struct run_visit runs = { range, { 0, 0 }, visit, context };
  int descriptor = open_own("pagemap");
  if (descriptor >= 0) {
    add_touched(&runs, descriptor);
    close(descriptor);
    end_run(&runs);
  } else {
    os_process_visit_readable(range, visit, context);
  }
  errno = saved;
}
