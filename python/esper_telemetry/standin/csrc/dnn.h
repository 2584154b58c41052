/* What the parts of cuDNN's stand-in share. Descriptors are opaque to the caller, so their layouts are ours. */
#pragma once
#include "standin.h"

#define DNN_OK 0
#define DNN_BAD 3
struct tensor { int type, dims, size[8]; };        /* a tensor or filter descriptor */
int dnn_describe(struct tensor *, int type, int dims, const int *size);
static inline int dnn_bytes(int type) { return type == 1 ? 8 : type == 2 || type == 9 ? 2 : 4; }   /* of an element: double; half, bfloat16 */
