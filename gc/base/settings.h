// settings.h -- every compile-time constant of the library, with its unit
//
// Constants that depend on one another say so in a static_assert.  Run-time
// options are in base/options.h.

#ifndef GLEANER_BASE_SETTINGS_H
#define GLEANER_BASE_SETTINGS_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define GLEANER_VERSION "0.1.0"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)
#define GIB ((size_t)1 << 30)

// ---- The heap ---------------------------------------------------------------

// The unit of the address range; a page is one or more slices.
#define SLICE_SHIFT 16
#define SLICE_BYTES ((size_t)1 << SLICE_SHIFT)

// Alignment of every block, and the smallest block.
#define BLOCK_ALIGN 16

// Blocks above this have a page each.
#define SMALL_MAX_BYTES ((size_t)64 * KIB)

// Requests up to this find their class in a table of bytes and are served by
// the inlined path.
#define TINY_MAX_BYTES 1024

// The range is reserved here: bytes 4 and 5 of an address are 0x81 and 0x1b, so
// that text, small integers and doubles miss it, and neither PIE programs
// (0x55..), libraries nor stacks (0x7f..) of Linux want it.
#define SPACE_HINT ((uintptr_t)0x1b8100000000)
#define SPACE_MAX_BYTES ((size_t)4 << 40)
// Under Memcheck, which takes a note of every 64 KiB of addresses.
#define SPACE_OBSERVED_BYTES ((size_t)16 << 30)

// How much is committed at a time: at least the first, at most the second, and
// else an eighth of what there is.
#define COMMIT_MIN_BYTES (MIB)
#define COMMIT_MAX_BYTES (64 * MIB)

// Huge pages are asked for once the heap has grown to this.
#define HUGE_PAGES_FROM_BYTES (512 * MIB)
#define HUGE_PAGE_BYTES (2 * MIB)

// A page whose sweep leaves less than one block in this many free is not worth
// opening.
#define SWEEP_WORTH_SHARE 32

// A full manual page comes back to its thread's list when one block in this
// many is free.
#define REUSE_SHARE 8

// A thread tells the others of what it allocated in steps of this.
#define ALLOCATED_STEP_BYTES (64 * KIB)

// ---- Marking ----------------------------------------------------------------

// Candidates between finding a word and looking at its block (a power of two).
// Measured for 8 to 64: doc/design/mark.md.
#define MARK_DELAY_LINE 32

// Entries in a packet of the work list; a packet is 8 KiB.
#define MARK_PACKET_ENTRIES 511

// Blocks above this are scanned in pieces.
#define MARK_PIECE_BYTES ((size_t)32 * KIB)

// ---- Collecting -------------------------------------------------------------

// Bytes allocated before the first collection, and at least between two.
#define PACING_FLOOR_BYTES (8 * MIB)

// Allocation between two collections, in per cent of what is live, and the live
// size above which it grows with the square root only (collect/pacing.h).
#define PACING_GROWTH_PERCENT 200
#define PACING_PROPORTIONAL_BYTES (64 * MIB)

// A freed page goes back to the kernel after this, unless it is wanted again.
#define PURGE_DECAY_MS 500

static_assert(SLICE_BYTES >= SMALL_MAX_BYTES, "a slice holds a small block");
static_assert((MARK_DELAY_LINE & (MARK_DELAY_LINE - 1)) == 0, "power of two");

#endif
