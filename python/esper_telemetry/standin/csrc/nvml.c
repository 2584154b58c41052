/* NVML: the device's memory and who holds it, from the same ledger. It counts the host's devices, whatever
 * CUDA_VISIBLE_DEVICES lists. What no stand-in can measure (load, temperature, power) is "not supported", never a number. */
#include "standin.h"
#include "cuda_abi.h"
#pragma GCC visibility push(default)

enum { NVML_OK = 0, NVML_UNINITIALIZED = 1, NVML_INVALID = 2, NVML_NOT_SUPPORTED = 3, NVML_NOT_FOUND = 6, NVML_TOO_SMALL = 7 };
typedef void *device_t;
struct process { unsigned pid; unsigned long long bytes; };                     /* unversioned */
struct process_v2 { unsigned pid; unsigned long long bytes; unsigned gpu_instance, compute_instance; };
struct memory { unsigned long long total, free, used; };
struct memory_v2 { unsigned version; unsigned long long total, reserved, free, used; };
struct pci_info { char legacy[16]; unsigned domain, bus, device, ids, subsystem; char id[32]; };

static device_t handle(int d) { return (device_t)(uint64_t)(0xd000 + d); }
static int device(device_t h) {
    uint64_t d = (uint64_t)h - 0xd000;
    return !st_start() && d < (uint64_t)st_settings.devices ? (int)d : -1;
}
#define DEVICE(h) int d = device(h); if (d < 0) return NVML_INVALID

int nvmlInit_v2(void) { return st_start() ? NVML_UNINITIALIZED : NVML_OK; }
int nvmlInit(void) { return nvmlInit_v2(); }
int nvmlInitWithFlags(unsigned f) { (void)f; return nvmlInit_v2(); }
int nvmlShutdown(void) { return NVML_OK; }
const char *nvmlErrorString(int e) {
    switch (e) {
    case NVML_OK: return "Success";
    case NVML_UNINITIALIZED: return "Uninitialized";
    case NVML_INVALID: return "Invalid Argument";
    case NVML_NOT_FOUND: return "Not Found";
    case NVML_TOO_SMALL: return "Insufficient Size";
    default: return "Not Supported";
    }
}
int nvmlSystemGetCudaDriverVersion_v2(int *v) { *v = STANDIN_CUDA; return NVML_OK; }
int nvmlSystemGetCudaDriverVersion(int *v) { *v = STANDIN_CUDA; return NVML_OK; }
int nvmlSystemGetDriverVersion(char *s, unsigned room) { snprintf(s, room, "0.0-standin"); return NVML_OK; }
int nvmlSystemGetNVMLVersion(char *s, unsigned room) { snprintf(s, room, "0.0-standin"); return NVML_OK; }
int nvmlDeviceGetCount_v2(unsigned *n) { *n = st_start() ? 0 : st_settings.devices; return NVML_OK; }
int nvmlDeviceGetCount(unsigned *n) { return nvmlDeviceGetCount_v2(n); }
int nvmlDeviceGetHandleByIndex_v2(unsigned i, device_t *h) {
    if (st_start() || i >= (unsigned)st_settings.devices) return NVML_INVALID;
    *h = handle(i);
    return NVML_OK;
}
int nvmlDeviceGetHandleByIndex(unsigned i, device_t *h) { return nvmlDeviceGetHandleByIndex_v2(i, h); }
int nvmlDeviceGetHandleByPciBusId_v2(const char *s, device_t *h) {
    unsigned domain, bus;
    if (st_start() || sscanf(s, "%x:%x", &domain, &bus) != 2 || bus < 1 || bus > (unsigned)st_settings.devices) return NVML_NOT_FOUND;
    *h = handle(bus - 1);
    return NVML_OK;
}
int nvmlDeviceGetUUID(device_t h, char *s, unsigned room) {
    unsigned char b[16];
    DEVICE(h);
    st_uuid(d, b);
    snprintf(s, room, "GPU-%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
             b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
    return NVML_OK;
}
int nvmlDeviceGetHandleByUUID(const char *s, device_t *h) {
    char uuid[64];
    if (st_start()) return NVML_UNINITIALIZED;
    for (int i = 0; i < st_settings.devices; i++) {
        nvmlDeviceGetUUID(handle(i), uuid, sizeof uuid);
        if (!strcmp(s, uuid)) { *h = handle(i); return NVML_OK; }
    }
    return NVML_NOT_FOUND;
}
int nvmlDeviceGetIndex(device_t h, unsigned *i) { DEVICE(h); *i = d; return NVML_OK; }
int nvmlDeviceGetMinorNumber(device_t h, unsigned *i) { DEVICE(h); *i = d; return NVML_OK; }
int nvmlDeviceGetName(device_t h, char *s, unsigned room) { DEVICE(h); (void)d; snprintf(s, room, "%s", st_settings.name); return NVML_OK; }
int nvmlDeviceGetPciInfo_v3(device_t h, struct pci_info *p) {
    DEVICE(h);
    memset(p, 0, sizeof *p);
    p->bus = d + 1;
    st_pci(d, p->id, sizeof p->id);
    snprintf(p->legacy, sizeof p->legacy, "%.12s", p->id + 4);
    return NVML_OK;
}
int nvmlDeviceGetMemoryInfo(device_t h, struct memory *m) {
    uint64_t f, t;
    DEVICE(h);
    st_memory(d, &f, &t);
    *m = (struct memory){ t, f, t - f };
    return NVML_OK;
}
int nvmlDeviceGetMemoryInfo_v2(device_t h, struct memory_v2 *m) {
    struct memory one;
    int r = nvmlDeviceGetMemoryInfo(h, &one);
    if (!r) *m = (struct memory_v2){ m->version, one.total, 0, one.free, one.used };
    return r;
}
int nvmlDeviceGetCudaComputeCapability(device_t h, int *major, int *minor) {
    DEVICE(h);
    (void)d;
    *major = st_settings.major, *minor = st_settings.minor;
    return NVML_OK;
}

static int processes(device_t h, unsigned *n, void *out, int v2) {
    struct st_process all[ST_PROCESSES + 1];
    DEVICE(h);
    int count = st_processes(d, all, ST_PROCESSES + 1);
    if (count && (!out || *n < (unsigned)count)) { *n = count; return NVML_TOO_SMALL; }
    for (int i = 0; i < count; i++)
        if (v2) ((struct process_v2 *)out)[i] = (struct process_v2){ all[i].pid, all[i].bytes, ~0u, ~0u };
        else ((struct process *)out)[i] = (struct process){ all[i].pid, all[i].bytes };
    *n = count;
    return NVML_OK;
}
int nvmlDeviceGetComputeRunningProcesses(device_t h, unsigned *n, void *out) { return processes(h, n, out, 0); }
int nvmlDeviceGetComputeRunningProcesses_v2(device_t h, unsigned *n, void *out) { return processes(h, n, out, 1); }
int nvmlDeviceGetComputeRunningProcesses_v3(device_t h, unsigned *n, void *out) { return processes(h, n, out, 1); }
int nvmlDeviceGetGraphicsRunningProcesses_v3(device_t h, unsigned *n, void *out) { (void)h, (void)out; *n = 0; return NVML_OK; }

int nvmlDeviceGetUtilizationRates(device_t h, void *u) { (void)h, (void)u; return NVML_NOT_SUPPORTED; }
int nvmlDeviceGetTemperature(device_t h, int sensor, unsigned *t) { (void)h, (void)sensor, (void)t; return NVML_NOT_SUPPORTED; }
int nvmlDeviceGetPowerUsage(device_t h, unsigned *p) { (void)h, (void)p; return NVML_NOT_SUPPORTED; }
int nvmlDeviceGetNvLinkRemoteDeviceType(device_t h, unsigned link, unsigned *t) { (void)h, (void)link, (void)t; return NVML_NOT_SUPPORTED; }
int nvmlDeviceGetNvLinkRemotePciInfo_v2(device_t h, unsigned link, void *p) { (void)h, (void)link, (void)p; return NVML_NOT_SUPPORTED; }
int nvmlDeviceGetGpuFabricInfoV(device_t h, void *p) { (void)h; memset((char *)p + 4, 0, 32); return NVML_OK; }   /* state 0: none */
