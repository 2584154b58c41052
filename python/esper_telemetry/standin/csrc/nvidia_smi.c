/* nvidia-smi for the stand-in device: the queries that people and tools make, answered from NVML's stand-in.
 * Nothing else of nvidia-smi is there; what is not known is [N/A], as the real one has it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct memory { unsigned long long total, free, used; };
struct process { unsigned pid; unsigned long long bytes; };
int nvmlInit_v2(void);
int nvmlDeviceGetCount_v2(unsigned *);
int nvmlDeviceGetHandleByIndex_v2(unsigned, void **);
int nvmlDeviceGetName(void *, char *, unsigned);
int nvmlDeviceGetUUID(void *, char *, unsigned);
int nvmlDeviceGetMemoryInfo(void *, struct memory *);
int nvmlDeviceGetCudaComputeCapability(void *, int *, int *);
int nvmlDeviceGetComputeRunningProcesses(void *, unsigned *, struct process *);
int nvmlSystemGetDriverVersion(char *, unsigned);
int nvmlSystemGetCudaDriverVersion_v2(int *);

#define MIB (1ull << 20)
#define PROCESSES 512
static unsigned devices;
static int header = 1, units = 1;
static long only = -1;

static void *device(unsigned i) {
    void *h = NULL;
    nvmlDeviceGetHandleByIndex_v2(i, &h);
    return h;
}

static void command_of(unsigned pid, char *out, size_t room) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%u/cmdline", pid);
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(out, 1, room - 1, f) : 0;
    if (f) fclose(f);
    out[n] = 0;                                    /* up to the first NUL: the command */
    if (!n) snprintf(out, room, "[Not Found]");
}

static void mib(unsigned long long bytes, char *out, size_t room) { snprintf(out, room, units ? "%llu MiB" : "%llu", bytes / MIB); }

/* The value of a field of --query-gpu; 0: there is no such field. */
static int gpu_field(const char *field, unsigned i, char *out, size_t room) {
    struct memory m = { 0 };
    int major, minor;
    void *h = device(i);
    nvmlDeviceGetMemoryInfo(h, &m);
    static const char *const unknown[] = {
        "utilization.", "temperature.", "power.", "clocks.", "clocks_", "fan.", "pstate", "ecc.", "mig.", "encoder.", "pcie.", "serial",
        "vbios_version", "display_", "persistence_mode", "compute_mode", "accounting.", "retired_pages.", "inforom.", "gom.",
        "enforced.", "addressing_mode", "driver_model.", "memory.reserved", "gsp.", "c2c.", "fabric.", "protected_memory.",
    };
    if (!strcmp(field, "index")) snprintf(out, room, "%u", i);
    else if (!strcmp(field, "count")) snprintf(out, room, "%u", devices);
    else if (!strcmp(field, "name") || !strcmp(field, "gpu_name")) nvmlDeviceGetName(h, out, room);
    else if (!strcmp(field, "uuid") || !strcmp(field, "gpu_uuid")) nvmlDeviceGetUUID(h, out, room);
    else if (!strcmp(field, "pci.bus_id") || !strcmp(field, "gpu_bus_id")) snprintf(out, room, "00000000:%02X:00.0", i + 1);
    else if (!strcmp(field, "pci.bus")) snprintf(out, room, "0x%02X", i + 1);
    else if (!strcmp(field, "pci.domain")) snprintf(out, room, "0x0000");
    else if (!strcmp(field, "pci.device")) snprintf(out, room, "0x00");
    else if (!strcmp(field, "driver_version")) nvmlSystemGetDriverVersion(out, room);
    else if (!strcmp(field, "memory.total")) mib(m.total, out, room);
    else if (!strcmp(field, "memory.used")) mib(m.used, out, room);
    else if (!strcmp(field, "memory.free")) mib(m.free, out, room);
    else if (!strcmp(field, "compute_cap")) {
        nvmlDeviceGetCudaComputeCapability(h, &major, &minor);
        snprintf(out, room, "%d.%d", major, minor);
    } else if (!strcmp(field, "timestamp")) {
        struct timespec t;
        clock_gettime(CLOCK_REALTIME, &t);
        size_t n = strftime(out, room, "%Y/%m/%d %H:%M:%S", localtime(&t.tv_sec));
        snprintf(out + n, room - n, ".%03ld", t.tv_nsec / 1000000);
    } else {
        for (size_t k = 0; k < sizeof unknown / sizeof *unknown; k++)
            if (!strncmp(field, unknown[k], strlen(unknown[k]))) { snprintf(out, room, "[N/A]"); return 1; }
        return 0;
    }
    return 1;
}

static int app_field(const char *field, unsigned i, const struct process *p, char *out, size_t room) {
    if (!strcmp(field, "pid")) snprintf(out, room, "%u", p->pid);
    else if (!strcmp(field, "used_memory") || !strcmp(field, "used_gpu_memory")) mib(p->bytes, out, room);
    else if (!strcmp(field, "process_name") || !strcmp(field, "name")) command_of(p->pid, out, room);
    else if (!strcmp(field, "gpu_uuid") || !strcmp(field, "gpu_name") || !strcmp(field, "gpu_bus_id") || !strcmp(field, "timestamp"))
        return gpu_field(field, i, out, room);
    else return 0;
    return 1;
}

static unsigned processes_of(unsigned i, struct process *out) {
    unsigned n = PROCESSES;
    return nvmlDeviceGetComputeRunningProcesses(device(i), &n, out) ? 0 : n;
}

static const char *unit_of(const char *field) { return units && (!strncmp(field, "memory.", 7) || strstr(field, "_memory")) ? " [MiB]" : ""; }

/* One row of a query; `p` where it is of processes. 0, or 2 after a sentence as the real one's. */
static int row(const char *fields, unsigned i, const struct process *p, int head) {
    char copy[4096], value[512], *rest = copy, *field;
    int first = 1;
    snprintf(copy, sizeof copy, "%s", fields);
    while ((field = strsep(&rest, ","))) {
        while (*field == ' ') field++;
        if (!(p ? app_field(field, i, p, value, sizeof value) : gpu_field(field, i, value, sizeof value))) {
            printf("Field \"%s\" is not a valid field to query.\n\n", field);
            return 2;
        }
        printf("%s%s%s", first ? "" : ", ", head ? field : value, head ? unit_of(field) : "");
        first = 0;
    }
    putchar('\n');
    return 0;
}

static int query_gpus(const char *fields) {
    int r = 0;
    if (header) r = row(fields, 0, NULL, 1);
    for (unsigned i = 0; i < devices && !r; i++) if (only < 0 || only == (long)i) r = row(fields, i, NULL, 0);
    return r;
}

static int query_apps(const char *fields) {
    struct process all[PROCESSES], none = { 0 };
    int r = header ? row(fields, 0, &none, 1) : 0;
    for (unsigned i = 0; i < devices && !r; i++) {
        if (only >= 0 && only != (long)i) continue;
        unsigned n = processes_of(i, all);
        for (unsigned k = 0; k < n && !r; k++) r = row(fields, i, &all[k], 0);
    }
    return r;
}

/* A device by number, UUID or PCI address; −1: there is none. */
static long find(const char *text) {
    char uuid[64], bus[32], *end;
    long number = strtol(text, &end, 10);
    if (end != text && !*end) return number >= 0 && number < (long)devices ? number : -1;
    for (unsigned i = 0; i < devices; i++) {
        nvmlDeviceGetUUID(device(i), uuid, sizeof uuid);
        snprintf(bus, sizeof bus, "00000000:%02X:00.0", i + 1);
        if (!strcmp(text, uuid) || !strcmp(text, bus)) return i;
    }
    return -1;
}

static void list(void) {
    char name[128], uuid[64];
    for (unsigned i = 0; i < devices; i++) {
        nvmlDeviceGetName(device(i), name, sizeof name);
        nvmlDeviceGetUUID(device(i), uuid, sizeof uuid);
        printf("GPU %u: %s (UUID: %s)\n", i, name, uuid);
    }
}

#define RULE "+-----------------------------------------------------------------------------------------+\n"
static void table(void) {
    char version[64], name[128], command[256];
    struct process all[PROCESSES];
    struct memory m;
    int cuda = 0;
    nvmlSystemGetDriverVersion(version, sizeof version);
    nvmlSystemGetCudaDriverVersion_v2(&cuda);
    printf(RULE "| NVIDIA-SMI (Esper stand-in, no GPU)   Driver Version: %-12s CUDA Version: %2d.%-4d|\n", version, cuda / 1000, cuda % 1000 / 10);
    printf("|-----------------------------------------+------------------------+----------------------|\n"
           "| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |\n"
           "| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |\n"
           "|=========================================+========================+======================|\n");
    for (unsigned i = 0; i < devices; i++) {
        nvmlDeviceGetName(device(i), name, sizeof name);
        nvmlDeviceGetMemoryInfo(device(i), &m);
        printf("| %3u  %-34.34s |   00000000:%02X:00.0 Off |                  N/A |\n", i, name, i + 1);
        printf("| N/A   N/A  N/A              N/A /  N/A | %7lluMiB / %7lluMiB |     N/A      Default |\n", m.used / MIB, m.total / MIB);
        printf("+-----------------------------------------+------------------------+----------------------+\n");
    }
    printf("\n" RULE
           "| Processes:                                                                              |\n"
           "|  GPU   GI   CI              PID   Type   Process name                        GPU Memory |\n"
           "|        ID   ID                                                               Usage      |\n"
           "|=========================================================================================|\n");
    for (unsigned i = 0; i < devices; i++) {
        unsigned n = processes_of(i, all);
        for (unsigned k = 0; k < n; k++) {
            command_of(all[k].pid, command, sizeof command);
            printf("| %4u   N/A  N/A  %15u      C   %-33.33s %10lluMiB |\n", i, all[k].pid, command, all[k].bytes / MIB);
        }
    }
    printf(RULE);
}

int main(int argc, char **argv) {
    const char *gpus = NULL, *apps = NULL, *format = "", *chosen = NULL;
    double every = 0;
    int listing = 0;
    for (int i = 1; i < argc; i++) {
        char *a = argv[i], *value = strchr(a, '=');
        const char *next = value ? value + 1 : i + 1 < argc ? argv[i + 1] : "";
        if (!strncmp(a, "--query-gpu=", 12)) gpus = a + 12;
        else if (!strncmp(a, "--query-compute-apps=", 21)) apps = a + 21;
        else if (!strncmp(a, "--format=", 9)) format = a + 9;
        else if (!strcmp(a, "-L") || !strcmp(a, "--list-gpus")) listing = 1;
        else if (!strcmp(a, "-l") || !strncmp(a, "--loop=", 7)) every = atof(next), i += !value;
        else if (!strcmp(a, "-lms") || !strncmp(a, "--loop-ms=", 10)) every = atof(next) / 1000, i += !value;
        else if (!strcmp(a, "-i") || !strncmp(a, "--id=", 5)) chosen = next, i += !value;
        else {
            printf("Invalid argument for the stand-in device's nvidia-smi: %s (it knows -L, --query-gpu, --query-compute-apps, --format, -i, -l, -lms)\n", a);
            return 2;
        }
    }
    if ((gpus || apps) && strncmp(format, "csv", 3)) {
        printf("\"--format=\" with \"csv\" is required for a query.\n");
        return 2;
    }
    header = !strstr(format, "noheader");
    units = !strstr(format, "nounits");
    if (nvmlInit_v2() || nvmlDeviceGetCount_v2(&devices)) {
        printf("NVIDIA-SMI has failed: the stand-in device could not be started.\n");
        return 9;
    }
    if (chosen && (only = find(chosen)) < 0) {
        printf("No devices were found\n");
        return 6;
    }
    do {
        int r = listing ? (list(), 0) : gpus ? query_gpus(gpus) : apps ? query_apps(apps) : (table(), 0);
        if (r || fflush(stdout)) return r;         /* the reader is gone: so are we */
        header = 0;
        if (every > 0) usleep((useconds_t)(every * 1e6));
    } while (every > 0);
    return 0;
}
