// gctree.h -- the trees of GCBench, shared by gcbench.c and mt-gcbench.c
//
// A complete binary tree of nodes of two pointers and two ints, built in two
// ways: from the root down (old nodes come to point at younger ones) and from
// the leaves up (young nodes point at older ones).
//
// Source: J. Ellis and P. Kovac, "GCBench" (Post Communications, 1997), as
// adapted by H. Boehm (1999): "An Artificial Garbage Collection Benchmark".
// The depths and the amount of work a depth are the published ones.
#ifndef BENCH_GCTREE_H
#define BENCH_GCTREE_H

#include "regime.h"
#include "workload.h"

enum {
  TREE_STRETCH_DEPTH = 18,  // grows the heap to its working size
  TREE_LONG_LIVED_DEPTH = 16,
  TREE_MIN_DEPTH = 4,
  TREE_MAX_DEPTH = 16,
  TREE_ARRAY_LENGTH = 500000,  // doubles
};

struct tree {
  struct tree *left, *right;
  int i, j;  // payload, unused
};

static inline uint64_t tree_nodes(unsigned depth) {
  return (UINT64_C(1) << (depth + 1)) - 1;
}

// How often a depth is built, in each way: the same number of nodes for all.
static inline uint64_t tree_iterations(unsigned depth) {
  return 2 * tree_nodes(TREE_STRETCH_DEPTH) / tree_nodes(depth);
}

static inline struct tree *tree_node(struct tree *left, struct tree *right) {
  struct tree *node = must(mem_alloc(sizeof *node));
  *node = (struct tree){ .left = left, .right = right };
  return node;
}

static inline void tree_grow_down(unsigned depth, struct tree *node) {
  if (depth == 0)
    return;
  node->left = tree_node(NULL, NULL);
  node->right = tree_node(NULL, NULL);
  tree_grow_down(depth - 1, node->left);
  tree_grow_down(depth - 1, node->right);
}

static inline struct tree *tree_build_down(unsigned depth) {
  struct tree *root = tree_node(NULL, NULL);
  tree_grow_down(depth, root);
  return root;
}

static inline struct tree *tree_build_up(unsigned depth) {
  if (depth == 0)
    return tree_node(NULL, NULL);
  struct tree *left = tree_build_up(depth - 1);
  struct tree *right = tree_build_up(depth - 1);
  return tree_node(left, right);
}

static inline uint64_t tree_count(const struct tree *node) {
  return node ? 1 + tree_count(node->left) + tree_count(node->right) : 0;
}

static inline void tree_free(struct tree *node) {
  if (!node)
    return;
  tree_free(node->left);
  tree_free(node->right);
  mem_free(node);
}

// The tree is not needed any more.
static inline void tree_drop(struct tree *node) {
  if (MEM_FREES)
    tree_free(node);
}

// Build and drop many trees of `depth`, in both ways; nodes allocated.
static inline uint64_t tree_churn(unsigned depth) {
  uint64_t iterations = tree_iterations(depth);
  for (uint64_t i = 0; i < iterations; i++)
    tree_drop(tree_build_down(depth));
  for (uint64_t i = 0; i < iterations; i++)
    tree_drop(tree_build_up(depth));
  return 2 * iterations * tree_nodes(depth);
}

// Every depth in turn; nodes allocated.
static inline uint64_t tree_churn_all(void) {
  uint64_t nodes = 0;
  for (unsigned depth = TREE_MIN_DEPTH; depth <= TREE_MAX_DEPTH; depth += 2)
    nodes += tree_churn(depth);
  return nodes;
}

// What stays alive during the churn: a tree and a block without pointers.
struct long_lived {
  struct tree *tree;
  double *array;
};

static inline struct long_lived long_lived_build(void) {
  size_t bytes = TREE_ARRAY_LENGTH * sizeof(double);
  struct long_lived lived = { .tree = tree_build_down(TREE_LONG_LIVED_DEPTH),
                              .array = must(mem_alloc_data(bytes)) };
  for (size_t i = 0; i < TREE_ARRAY_LENGTH; i++)
    lived.array[i] = 1.0 / (double)(i + 1);
  return lived;
}

// Is it still what was built?
static inline void long_lived_check(const struct long_lived *lived) {
  if (tree_count(lived->tree) != tree_nodes(TREE_LONG_LIVED_DEPTH)
      || lived->array[1000] != 1.0 / 1001)
    fail("long-lived data was lost");
}

static inline void long_lived_drop(struct long_lived *lived) {
  tree_drop(lived->tree);
  if (MEM_FREES)
    mem_free(lived->array);
}

#endif
