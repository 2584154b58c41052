/* The part of CUDA's binary interface that the stand-in answers: declared from its documented layouts, no header of NVIDIA's.
 * STANDIN_CUDA is the runtime's version that PyTorch was built with (11070, 12040, 13020): layouts differ between 11, 12, 13. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifndef STANDIN_CUDA
#error "STANDIN_CUDA: the version of CUDA that the installed PyTorch was built with"
#endif

/* Results of the runtime and the driver: the numbers that are used here are the same in both. */
enum {
    OK = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_INITIALIZED = 3, NO_DEVICE = 100, INVALID_DEVICE = 101, NO_KERNEL_IMAGE = 209,
    INVALID_HANDLE = 400, NOT_FOUND = 500, NOT_READY = 600, PEER_ALREADY_ENABLED = 704, ALREADY_REGISTERED = 712,
    NOT_REGISTERED = 713, NOT_SUPPORTED = 801, CAPTURE_UNMATCHED = 903,
};
typedef int result;
typedef void *stream_t, *event_t, *graph_t, *graph_exec_t, *pool_t;
struct dim3 { unsigned x, y, z; };

/* cudaDeviceProp: the fields that are filled, at their offsets; 12 begins as 11 does and is longer. */
#if STANDIN_CUDA >= 13000
enum { PROP_SIZE = 1008 };
#define PROP(before13, from13) (from13)
#elif STANDIN_CUDA >= 12000
enum { PROP_SIZE = 1032 };
#define PROP(before13, from13) (before13)
#else
enum { PROP_SIZE = 728 };
#define PROP(before13, from13) (before13)
#endif
enum {
    PROP_NAME = 0, PROP_UUID = 256, PROP_MEMORY = 288, PROP_SHARED_PER_BLOCK = 296, PROP_REGISTERS_PER_BLOCK = 304,
    PROP_WARP = 308, PROP_PITCH = 312, PROP_THREADS_PER_BLOCK = 320, PROP_THREADS_DIM = 324, PROP_GRID = 336,
    PROP_CONSTANT = 352, PROP_MAJOR = 360, PROP_MINOR = 364, PROP_TEXTURE_ALIGN = 368, PROP_TEXTURE_PITCH = 376,
    PROP_MULTIPROCESSORS = PROP(388, 384), PROP_CAN_MAP_HOST = PROP(400, 392), PROP_CONCURRENT_KERNELS = PROP(576, 560),
    PROP_PCI_BUS = PROP(584, 568), PROP_PCI_DEVICE = PROP(588, 572), PROP_PCI_DOMAIN = PROP(592, 576),
    PROP_COPY_ENGINES = PROP(600, 584), PROP_UNIFIED = PROP(604, 588), PROP_BUS_WIDTH = PROP(612, 592), PROP_L2 = PROP(616, 596),
    PROP_THREADS_PER_MP = PROP(624, 604), PROP_PRIORITIES = PROP(628, 608), PROP_GLOBAL_L1 = PROP(632, 612),
    PROP_LOCAL_L1 = PROP(636, 616), PROP_SHARED_PER_MP = PROP(640, 624), PROP_REGISTERS_PER_MP = PROP(648, 632),
    PROP_MANAGED = PROP(652, 636), PROP_PREEMPTION = PROP(680, 660), PROP_COOPERATIVE = PROP(688, 668),
    PROP_SHARED_OPTIN = PROP(696, 672), PROP_BLOCKS_PER_MP = PROP(712, 688), PROP_SHARED_RESERVED = PROP(720, 696),
    PROP_HOST_REGISTER = PROP(728, 704), PROP_POOLS = PROP(744, 720),   /* from 12 on */
};

/* cudaPointerAttributes; 13 is longer and its rest is reserved. */
struct pointer_attributes {
    int type, device;
    void *device_pointer, *host_pointer;
#if STANDIN_CUDA >= 13000
    int64_t reserved[8];
#endif
};
enum { MEMORY_UNREGISTERED = 0, MEMORY_HOST = 1, MEMORY_DEVICE = 2 };

/* cudaFuncAttributes: 11 ends earlier. */
struct function_attributes {
    size_t shared_bytes, constant_bytes, local_bytes;
    int threads_per_block, registers, ptx_version, binary_version, cache_mode, dynamic_shared_bytes, carveout;
#if STANDIN_CUDA >= 12000
    int cluster[4], scheduling, portable, rest[16];
#endif
};

struct launch_config { struct dim3 grid, block; size_t shared_bytes; stream_t stream; void *attributes; unsigned count; };
struct ipc_handle { unsigned char bytes[64]; };

enum { POOL_RELEASE_THRESHOLD = 4, POOL_RESERVED = 5, POOL_RESERVED_HIGH = 6, POOL_USED = 7, POOL_USED_HIGH = 8 };

/* The driver's virtual memory management. */
typedef unsigned long long device_ptr;
struct location { int type, id; };
struct allocation_prop { int type, handle_types; struct location location; void *windows; unsigned char flags[8]; };
struct access_desc { struct location location; int flags; };
enum { LOCATION_DEVICE = 1 };

_Static_assert(sizeof(struct pointer_attributes) == (STANDIN_CUDA >= 13000 ? 88 : 24), "cudaPointerAttributes");
_Static_assert(sizeof(struct function_attributes) == (STANDIN_CUDA >= 12000 ? 144 : 56), "cudaFuncAttributes");
_Static_assert(sizeof(struct launch_config) == 56, "cudaLaunchConfig_t");
_Static_assert(sizeof(struct allocation_prop) == 32 && sizeof(struct access_desc) == 12, "CUmemAllocationProp, CUmemAccessDesc");

/* ---- runtime_*.c ---- */
result st_error(result e);                         /* remembers it for cudaGetLastError */
result st_ready(void);                             /* OK, or why this process has no device */
uint64_t st_capture_of(stream_t);                  /* the capture that the stream takes part in; 0: none */
const char *st_error_text(result e);
const char *st_error_name(result e);
void *st_own_symbol(const char *name);             /* a function of this library; NULL: there is none */
