/* Facts of the devices: attributes, properties, identity. What memory depends on is chosen (compute capability,
 * multiprocessors and their threads); the rest is what a card of the class has. */
#include "standin.h"
#include "cuda_abi.h"

__thread int st_current;

void st_uuid(int device, unsigned char out[16]) {
    memcpy(out, "ESPER\0@\0\x80\0Stand\0", 16);
    out[15] = (unsigned char)device;
}

void st_pci(int device, char *out, size_t room) { snprintf(out, room, "00000000:%02X:00.0", device + 1); }

/* Numbers of CUDA's device attributes; a limit or a yes where PyTorch and its libraries ask. */
int st_attribute(int attribute, int ordinal) {
    switch (attribute) {
    case 1: case 2: case 3: return 1024;           /* threads per block, its x and y */
    case 4: return 64;                             /* its z */
    case 5: return 2147483647;                     /* grid x */
    case 6: case 7: return 65535;                  /* grid y, z */
    case 8: return 48 << 10;                       /* shared memory per block */
    case 9: return 64 << 10;                       /* constant memory */
    case 10: return 32;                            /* warp */
    case 11: return 2147483647;                    /* pitch */
    case 12: return 65536;                         /* registers per block */
    case 13: return 1695000;                       /* kHz */
    case 14: return 512;                           /* texture alignment */
    case 15: return 1;                             /* copies overlap */
    case 16: return st_settings.multiprocessors;
    case 19: return 1;                             /* maps host memory */
    case 31: return 1;                             /* concurrent kernels */
    case 33: return st_host_device(ordinal) + 1;   /* PCI bus */
    case 36: return 9751000;                       /* memory clock, kHz */
    case 37: return 384;                           /* bus width */
    case 38: return 6 << 20;                       /* L2 */
    case 39: return st_settings.threads;
    case 40: return 2;                             /* copy engines */
    case 41: return 1;                             /* unified addresses */
    case 75: return st_settings.major;
    case 76: return st_settings.minor;
    case 78: case 79: case 80: return 1;           /* priorities, L1 caches */
    case 81: return 100 << 10;                     /* shared memory per multiprocessor */
    case 82: return 65536;                         /* registers per multiprocessor */
    case 83: return 1;                             /* managed memory */
    case 90: return 1;                             /* preemption */
    case 95: return 1;                             /* cooperative launch */
    case 97: return 99 << 10;                      /* shared memory that a block may opt into */
    case 99: return 1;                             /* registers host memory */
    case 102: return 1;                            /* virtual memory management */
    case 103: return 1;                            /* handles as file descriptors */
    case 106: return 16;                           /* blocks per multiprocessor */
    case 111: return 1 << 10;                      /* shared memory that the system takes */
    case 115: return 1;                            /* memory pools */
    default: return 0;
    }
}

#pragma GCC visibility push(default)
static void put_int(char *p, size_t at, int v) { memcpy(p + at, &v, 4); }
static void put_size(char *p, size_t at, uint64_t v) { memcpy(p + at, &v, 8); }

#if STANDIN_CUDA >= 12000 && STANDIN_CUDA < 13000
#define cudaGetDeviceProperties cudaGetDeviceProperties_v2
#endif
result cudaGetDeviceProperties(char *p, int d) {
    if (st_ready()) return st_ready();
    if (d < 0 || d >= st_settings.visible) return st_error(INVALID_DEVICE);
    memset(p, 0, PROP_SIZE);
    snprintf(p + PROP_NAME, 256, "%s", st_settings.name);
    st_uuid(st_host_device(d), (unsigned char *)p + PROP_UUID);
    put_size(p, PROP_MEMORY, st_settings.memory[st_host_device(d)]);
    put_size(p, PROP_SHARED_PER_BLOCK, st_attribute(8, d));
    put_int(p, PROP_REGISTERS_PER_BLOCK, st_attribute(12, d));
    put_int(p, PROP_WARP, st_attribute(10, d));
    put_size(p, PROP_PITCH, st_attribute(11, d));
    put_int(p, PROP_THREADS_PER_BLOCK, st_attribute(1, d));
    for (int i = 0; i < 3; i++) {
        put_int(p, PROP_THREADS_DIM + 4 * i, st_attribute(2 + i, d));
        put_int(p, PROP_GRID + 4 * i, st_attribute(5 + i, d));
    }
    put_size(p, PROP_CONSTANT, st_attribute(9, d));
    put_int(p, PROP_MAJOR, st_settings.major);
    put_int(p, PROP_MINOR, st_settings.minor);
    put_size(p, PROP_TEXTURE_ALIGN, st_attribute(14, d));
    put_size(p, PROP_TEXTURE_PITCH, 32);
    put_int(p, PROP_MULTIPROCESSORS, st_attribute(16, d));
    put_int(p, PROP_CAN_MAP_HOST, st_attribute(19, d));
    put_int(p, PROP_CONCURRENT_KERNELS, st_attribute(31, d));
    put_int(p, PROP_PCI_BUS, st_attribute(33, d));
    put_int(p, PROP_COPY_ENGINES, st_attribute(40, d));
    put_int(p, PROP_UNIFIED, st_attribute(41, d));
    put_int(p, PROP_BUS_WIDTH, st_attribute(37, d));
    put_int(p, PROP_L2, st_attribute(38, d));
    put_int(p, PROP_THREADS_PER_MP, st_attribute(39, d));
    put_int(p, PROP_PRIORITIES, st_attribute(78, d));
    put_int(p, PROP_GLOBAL_L1, st_attribute(79, d));
    put_int(p, PROP_LOCAL_L1, st_attribute(80, d));
    put_size(p, PROP_SHARED_PER_MP, st_attribute(81, d));
    put_int(p, PROP_REGISTERS_PER_MP, st_attribute(82, d));
    put_int(p, PROP_MANAGED, st_attribute(83, d));
    put_int(p, PROP_PREEMPTION, st_attribute(90, d));
    put_int(p, PROP_COOPERATIVE, st_attribute(95, d));
    put_size(p, PROP_SHARED_OPTIN, st_attribute(97, d));
    put_int(p, PROP_BLOCKS_PER_MP, st_attribute(106, d));
    put_size(p, PROP_SHARED_RESERVED, st_attribute(111, d));
    if (STANDIN_CUDA >= 12000) {
        put_int(p, PROP_HOST_REGISTER, st_attribute(99, d));
        put_int(p, PROP_POOLS, st_attribute(115, d));
    }
    return OK;
}

result cudaDriverGetVersion(int *v) { *v = STANDIN_CUDA; return OK; }
result cudaRuntimeGetVersion(int *v) { *v = STANDIN_CUDA; return OK; }
result cudaGetDeviceCount(int *n) {
    *n = 0;
    if (st_start()) return st_error(NO_DEVICE);
    *n = st_settings.visible;
    return *n ? OK : st_error(NO_DEVICE);
}
result cudaGetDevice(int *d) { *d = st_current; return OK; }
result cudaSetDevice(int d) {
    if (st_ready()) return st_ready();
    if (d < 0 || d >= st_settings.visible) return st_error(INVALID_DEVICE);
    st_current = d;
    /* From 12 on this makes the context; before, the first call that needs one does. */
    return STANDIN_CUDA < 12000 || !st_context(st_host_device(d)) ? OK : st_error(OUT_OF_MEMORY);
}
result cudaDeviceGetAttribute(int *v, int a, int d) {
    if (st_ready()) return st_ready();
    if (d < 0 || d >= st_settings.visible) return st_error(INVALID_DEVICE);
    *v = st_attribute(a, d);
    return OK;
}
result cudaDeviceGetPCIBusId(char *s, int room, int d) {
    if (st_ready()) return st_ready();
    if (d < 0 || d >= st_settings.visible) return st_error(INVALID_DEVICE);
    char pci[32];
    st_pci(st_host_device(d), pci, sizeof pci);
    snprintf(s, room, "%s", pci + 4);              /* the runtime writes a domain of four digits */
    return OK;
}
result cudaSetDeviceFlags(unsigned f) { (void)f; return OK; }
result cudaGetDeviceFlags(unsigned *f) { *f = 0; return OK; }
result cudaDeviceSynchronize(void) { return OK; }
result cudaDeviceSetLimit(int limit, size_t v) { (void)limit, (void)v; return OK; }
result cudaDeviceGetLimit(size_t *v, int limit) { (void)limit; *v = 1024; return OK; }
result cudaDeviceGetStreamPriorityRange(int *least, int *greatest) { *least = 0; *greatest = -5; return OK; }
result cudaDeviceCanAccessPeer(int *can, int a, int b) { *can = a != b; return OK; }
result cudaDeviceEnablePeerAccess(int d, unsigned f) { (void)d, (void)f; return OK; }

/* A name that the client looks for in the process: where it is, the device is no GPU. */
const char *esper_standin(void) { return "Esper stand-in device (no GPU)"; }
