// binary-trees.c -- complete binary trees of the smallest node there is
//
//     PROGRAM binary-trees [DEPTH]        default 18
//
// Stretch with a tree one deeper than DEPTH; keep a tree of DEPTH; then for
// each second depth from 4 to DEPTH build, count and drop so many trees that
// every depth makes about the same number of nodes.  A node is two pointers,
// 16 bytes: what a byte of padding or of header costs shows here.
//
// Source: "binary-trees" of the Computer Language Benchmarks Game (2000s),
// itself a simplification of GCBench (see gctree.h).

#include "regime.h"
#include "workload.h"

enum { DEPTH_MIN = 4, DEPTH_MAX = 26 };

struct node {
  struct node *left, *right;
};

static struct node *build(unsigned depth) {
  struct node *node = must(mem_alloc(sizeof *node));
  if (depth == 0) {
    *node = (struct node){ NULL, NULL };
    return node;
  }
  struct node *left = build(depth - 1);
  struct node *right = build(depth - 1);
  *node = (struct node){ left, right };
  return node;
}

static uint64_t count(const struct node *node) {
  return node->left ? 1 + count(node->left) + count(node->right) : 1;
}

static void free_tree(struct node *node) {
  if (node->left) {
    free_tree(node->left);
    free_tree(node->right);
  }
  mem_free(node);
}

// Build one, count it, be done with it.
static uint64_t visit(unsigned depth) {
  struct node *tree = build(depth);
  uint64_t nodes = count(tree);
  if (MEM_FREES)
    free_tree(tree);
  return nodes;
}

int run_binary_trees(int argc, char **argv) {
  uint64_t limit = argument_number(argc, argv, 0, 18);
  if (limit < DEPTH_MIN || limit > DEPTH_MAX)
    fail("depth 4 to 26");
  unsigned depth_max = (unsigned)limit;
  struct stopwatch start = stopwatch_start();
  uint64_t nodes = visit(depth_max + 1);
  struct node *kept = build(depth_max);
  for (unsigned depth = DEPTH_MIN; depth <= depth_max; depth += 2) {
    uint64_t trees = UINT64_C(1) << (depth_max - depth + DEPTH_MIN);
    for (uint64_t i = 0; i < trees; i++)
      nodes += visit(depth);
  }
  nodes += count(kept);
  if (MEM_FREES)
    free_tree(kept);
  report(&(struct result){ .workload = "binary-trees",
                           .time = stopwatch_stop(start),
                           .ops = nodes,
                           .check = nodes });
  return 0;
}
