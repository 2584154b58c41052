/* The ledger: how much each process holds on each device, in a file that all processes on the device map.
 * A process owns one share of it, for as long as it holds a lock on the share's own byte of the file: the kernel gives the
 * lock back however the process ends (kill -9 too, and before anyone reaps it), and the share's bytes with it. The mutex is
 * robust: a process may die inside it, since every change is one store. */
#include "standin.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0x45535452u                          /* changes with the layout */

struct share {
    int32_t pid;                                   /* 0: free */
    char name[60];
    uint64_t bytes[ST_DEVICES];
    uint8_t context[ST_DEVICES];
};
struct ledger {
    uint32_t magic;
    int32_t devices;
    uint64_t context, memory[ST_DEVICES], others[ST_DEVICES];
    pthread_mutex_t mutex;
    struct share share[ST_PROCESSES];
};

static struct ledger *ledger;
static int file = -1, mine = -1;                   /* our share */
static int context_made, bad_fork;

static int lock_byte(int command, off_t at, short type, short *found) {
    struct flock l = { .l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1 };
    int r;
    do r = fcntl(file, command, &l); while (r && errno == EINTR);
    if (found) *found = l.l_type;
    return r;
}

static void enter(void) {
    if (pthread_mutex_lock(&ledger->mutex) == EOWNERDEAD) pthread_mutex_consistent(&ledger->mutex);
}
static void leave(void) { pthread_mutex_unlock(&ledger->mutex); }

/* The parent's share stays the parent's. A child of a process that had a context may not use CUDA, as on a GPU. */
static void in_child(void) {
    mine = -1;
    if (context_made) bad_fork = 1;
}
int st_is_bad_fork(void) { return bad_fork; }

static void own_name(char *out, size_t room) {
    int f = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t n = f < 0 ? 0 : read(f, out, room - 1);
    if (f >= 0) close(f);
    out[n > 0 ? n : 0] = 0;                        /* up to the first NUL: the command */
}

static int describe(void) {
    struct ledger *l = ledger;
    l->devices = st_settings.devices;
    l->context = st_settings.context;
    memcpy(l->memory, st_settings.memory, sizeof l->memory);
    memcpy(l->others, st_settings.others, sizeof l->others);
    pthread_mutexattr_t a;
    if (pthread_mutexattr_init(&a) || pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED) ||
        pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST) || pthread_mutex_init(&l->mutex, &a))
        return -1;
    __atomic_store_n(&l->magic, MAGIC, __ATOMIC_RELEASE);
    return 0;
}

/* The devices are as the first process described them: two that share one cannot differ about its size. */
static void adopt(void) {
    int count = ledger->devices < st_settings.devices ? ledger->devices : st_settings.devices;
    if (ledger->devices != st_settings.devices || ledger->context != st_settings.context ||
        memcmp(ledger->memory, st_settings.memory, count * sizeof *ledger->memory) ||
        memcmp(ledger->others, st_settings.others, count * sizeof *ledger->others))
        st_warn("%s describes other devices than this program's settings: its own are used.", st_settings.shared);
    st_settings.devices = ledger->devices;
    st_settings.context = ledger->context;
    memcpy(st_settings.memory, ledger->memory, sizeof ledger->memory);
    memcpy(st_settings.others, ledger->others, sizeof ledger->others);
    int visible = 0;
    for (int i = 0; i < st_settings.visible; i++)
        if (st_settings.ordinal[i] < st_settings.devices) st_settings.ordinal[visible++] = st_settings.ordinal[i];
    st_settings.visible = visible;
}

int st_ledger_open(void) {
    const char *path = st_settings.shared;
    struct stat s;
    file = *path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : memfd_create("esper-standin", MFD_CLOEXEC);
    if (file < 0) {
        st_warn("the shared ledger %s cannot be opened: %s; there is no device.", path, strerror(errno));
        return -1;
    }
    lock_byte(F_SETLKW, 0, F_WRLCK, NULL);         /* one process at a time makes or reads the file's head */
    if (fstat(file, &s) || ((size_t)s.st_size < sizeof *ledger && ftruncate(file, sizeof *ledger))) goto broken;
    ledger = mmap(NULL, sizeof *ledger, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (ledger == MAP_FAILED) goto broken;
    uint32_t magic = __atomic_load_n(&ledger->magic, __ATOMIC_ACQUIRE);
    if (magic && magic != MAGIC) {
        st_warn("%s is not a ledger of this version; there is no device.", path);
        return -1;
    }
    if (magic) adopt();
    else if (describe()) goto broken;
    lock_byte(F_SETLK, 0, F_UNLCK, NULL);
    pthread_atfork(NULL, NULL, in_child);
    return 0;
broken:
    st_warn("the shared ledger %s cannot be used: %s; there is no device.", path, strerror(errno));
    return -1;
}

/* Under the mutex, like all that follow. A share whose lock is free belonged to a process that is gone. */
static int is_alive(int i) {
    short held;
    if (!ledger->share[i].pid) return 0;
    if (i == mine) return 1;
    if (lock_byte(F_GETLK, 1 + i, F_WRLCK, &held) || held != F_UNLCK) return 1;
    memset(&ledger->share[i], 0, sizeof ledger->share[i]);
    return 0;
}

static struct share *own_share(void) {
    if (mine >= 0) return &ledger->share[mine];
    for (int i = 0; i < ST_PROCESSES; i++)
        if (!is_alive(i) && !lock_byte(F_SETLK, 1 + i, F_WRLCK, NULL)) {
            struct share *s = &ledger->share[i];
            memset(s, 0, sizeof *s);
            own_name(s->name, sizeof s->name);
            s->pid = getpid();
            mine = i;
            return s;
        }
    static int warned;
    if (!warned++) st_warn("more than %d processes share the device: this one gets no memory.", ST_PROCESSES);
    return NULL;
}

static uint64_t used(int device) {
    uint64_t bytes = st_settings.others[device];
    for (int i = 0; i < ST_PROCESSES; i++)
        if (is_alive(i))
            bytes += ledger->share[i].bytes[device] + (ledger->share[i].context[device] ? st_settings.context : 0);
    return bytes;
}

static int context_of(struct share *s, int device) {
    if (s->context[device]) return 0;
    if (used(device) + st_settings.context > st_settings.memory[device]) return -1;
    s->context[device] = 1;
    context_made = 1;
    return 0;
}

int st_context(int device) {
    enter();
    struct share *s = own_share();
    int r = s ? context_of(s, device) : -1;
    leave();
    return r;
}

int st_has_context(int device) {
    enter();
    int r = mine >= 0 && ledger->share[mine].context[device];
    leave();
    return r;
}

int st_charge(int device, uint64_t bytes) {
    int r = -1;
    enter();
    struct share *s = own_share();
    if (s && !context_of(s, device)) {
        uint64_t before = used(device);
        if (before <= st_settings.memory[device] && bytes <= st_settings.memory[device] - before) {
            s->bytes[device] += bytes;
            r = 0;
        }
    }
    leave();
    return r;
}

void st_discharge(int device, uint64_t bytes) {
    if (bad_fork) return;                          /* what a forked child frees is its parent's */
    enter();
    struct share *s = own_share();
    if (s) s->bytes[device] -= bytes < s->bytes[device] ? bytes : s->bytes[device];
    leave();
}

void st_memory(int device, uint64_t *free_bytes, uint64_t *total_bytes) {
    enter();
    uint64_t taken = used(device);
    leave();
    *total_bytes = st_settings.memory[device];
    *free_bytes = taken > *total_bytes ? 0 : *total_bytes - taken;
}

int st_processes(int device, struct st_process *out, int room) {
    int count = 0;
    enter();
    for (int i = 0; i < ST_PROCESSES; i++)
        if (is_alive(i) && ledger->share[i].context[device]) {
            struct share *s = &ledger->share[i];
            if (count < room) {
                out[count] = (struct st_process){ .pid = s->pid, .bytes = s->bytes[device] + st_settings.context };
                memcpy(out[count].name, s->name, sizeof s->name);
            }
            count++;
        }
    leave();
    if (st_settings.others[device]) {
        if (count < room)
            out[count] = (struct st_process){ .pid = ST_OTHERS_PID, .bytes = st_settings.others[device], .name = "other processes" };
        count++;
    }
    return count;
}
