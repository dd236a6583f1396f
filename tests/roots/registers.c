// registers.c -- the only pointer is in a register, or in the red zone, of
// another thread that spins while it is stopped
//
// The functions that hold it are assembly: nothing else of the thread ever sees
// the pointer.  Each shows the object in its place, sets `is_held`, and spins
// until `shall_drop`.

#include <gleaner/gc.h>
#include <pthread.h>
#include <stdio.h>

#include "held.h"

#if !defined __x86_64__
int main(void) {
  printf("registers: assembly for x86-64 only\n");
  return HELD_SKIP;
}
#else

#include <sched.h>

#define ROUNDS 25

extern volatile int is_held, shall_drop;
volatile int is_held, shall_drop;

// hold_NAME(hidden): `enter` moves %rdi, the pointer, into the place; `leave`
// clears it.
#define HOLDER(name, save, enter, leave, restore)               \
  void hold_##name(hidden object);                              \
  __asm__(".text\n.type hold_" #name ", @function\n"            \
          "hold_" #name ":\n" save "not %rdi\n" enter           \
          "\nxor %edi, %edi\n"                                  \
          "mov is_held@GOTPCREL(%rip), %rdx\nmovl $1, (%rdx)\n" \
          "mov shall_drop@GOTPCREL(%rip), %rdx\n"               \
          "1: pause\ncmpl $0, (%rdx)\nje 1b\n" leave "\n" restore "ret\n" \
          ".size hold_" #name ", .-hold_" #name "\n")

HOLDER(rbx, "push %rbx\n", "mov %rdi, %rbx", "xor %ebx, %ebx", "pop %rbx\n");
HOLDER(rbp, "push %rbp\n", "mov %rdi, %rbp", "xor %ebp, %ebp", "pop %rbp\n");
HOLDER(r12, "push %r12\n", "mov %rdi, %r12", "xor %r12d, %r12d", "pop %r12\n");
HOLDER(r15, "push %r15\n", "mov %rdi, %r15", "xor %r15d, %r15d", "pop %r15\n");
HOLDER(rax, "", "mov %rdi, %rax", "xor %eax, %eax", "");
HOLDER(r11, "", "mov %rdi, %r11", "xor %r11d, %r11d", "");
HOLDER(xmm0, "", "movq %rdi, %xmm0", "pxor %xmm0, %xmm0", "");
HOLDER(xmm15, "", "movq %rdi, %xmm15\npslldq $8, %xmm15",
       "pxor %xmm15, %xmm15", "");
HOLDER(ymm7, "",
       "movq %rdi, %xmm6\nvpxor %ymm7, %ymm7, %ymm7\n"
       "vinserti128 $1, %xmm6, %ymm7, %ymm7\npxor %xmm6, %xmm6",
       "vpxor %ymm7, %ymm7, %ymm7\nvzeroupper", "");
HOLDER(red_zone, "", "mov %rdi, -8(%rsp)", "movq $0, -8(%rsp)", "");
HOLDER(red_zone_end, "", "mov %rdi, -128(%rsp)", "movq $0, -128(%rsp)", "");
// One past the end, as a loop leaves it, and into the middle.
HOLDER(past_end, "push %rbx\n", "lea 224(%rdi), %rbx", "xor %ebx, %ebx",
       "pop %rbx\n");
HOLDER(interior, "push %rbx\n", "lea 101(%rdi), %rbx", "xor %ebx, %ebx",
       "pop %rbx\n");

static void (*holder)(hidden);
static pthread_t thread;

static void *run_holder(void *argument) {
  holder((hidden)argument);
  return NULL;
}

static void hold(hidden object) {
  is_held = shall_drop = 0;
  HELD_CHECK(pthread_create(&thread, NULL, run_holder, (void *)object) == 0);
  while (!is_held)
    sched_yield();
}

static void drop(void) {
  shall_drop = 1;
  pthread_join(thread, NULL);
}

static void claim(const char *words, void (*function)(hidden)) {
  holder = function;
  held_claim_in(ROUNDS, words, hold, drop);
}

int main(void) {
  held_deadline(60);
  claim("rbx of a spinning thread keeps its target alive", hold_rbx);
  claim("rbp of a spinning thread keeps its target alive", hold_rbp);
  claim("r12 of a spinning thread keeps its target alive", hold_r12);
  claim("r15 of a spinning thread keeps its target alive", hold_r15);
  claim("rax of a spinning thread keeps its target alive", hold_rax);
  claim("r11 of a spinning thread keeps its target alive", hold_r11);
  claim("low half of xmm0 keeps its target alive", hold_xmm0);
  claim("high half of xmm15 keeps its target alive", hold_xmm15);
  if (__builtin_cpu_supports("avx2"))
    claim("high lane of ymm7 keeps its target alive", hold_ymm7);
  claim("first word of a red zone keeps its target alive", hold_red_zone);
  claim("last word of a red zone keeps its target alive", hold_red_zone_end);
  claim("one past the end in a register keeps the block", hold_past_end);
  claim("an interior pointer in a register keeps the block", hold_interior);
  return held_result();
}
#endif
