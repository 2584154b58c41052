/* The ranks of a communicator find each other in a file that is named after its id, wait for each other there, and know when one of
 * them is gone. The file has no name any more once all are there, so that nothing is left behind, however they end. */
#include "nccl.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static __thread char last[256] = "";
static uint64_t held[ST_DEVICES];                  /* NCCL's buffers of this process */

int st_nccl_fail(int result, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(last, sizeof last, format, arguments);
    va_end(arguments);
    st_log(1, "NCCL: %s", last);
    return result;
}
const char *st_nccl_last(void) { return last; }

static void wait_while(uint32_t *at, uint32_t value) {
    struct timespec most = { 0, 100000000 };
    syscall(SYS_futex, at, FUTEX_WAIT, value, &most, NULL, 0);
}

static int is_gone(const struct nccl_comm *c, int rank) {
    int pid = __atomic_load_n(&c->room->rank[rank].pid, __ATOMIC_ACQUIRE);
    return pid && pid != getpid() && kill(pid, 0) && errno == ESRCH;
}

int st_nccl_in_vain(struct nccl_comm *c) {
    if (__atomic_load_n(&c->aborted, __ATOMIC_ACQUIRE)) return st_nccl_fail(NCCL_INTERNAL, "the communicator was aborted");
    for (int rank = 0; rank < c->ranks; rank++)
        if (is_gone(c, rank)) {
            __atomic_store_n(&c->room->broken, 1, __ATOMIC_RELEASE);
            return st_nccl_fail(NCCL_REMOTE, "rank %d has ended, and rank %d waits for it", rank, c->rank);
        }
    return __atomic_load_n(&c->room->broken, __ATOMIC_ACQUIRE) ? st_nccl_fail(NCCL_REMOTE, "another rank has ended or was aborted") : NCCL_OK;
}

int st_nccl_barrier(struct nccl_comm *c) {
    struct nccl_room *room = c->room;
    uint32_t phase = __atomic_load_n(&room->phase, __ATOMIC_ACQUIRE);
    if (__atomic_add_fetch(&room->arrived, 1, __ATOMIC_ACQ_REL) == (uint32_t)c->ranks) {
        __atomic_store_n(&room->arrived, 0, __ATOMIC_RELEASE);
        __atomic_add_fetch(&room->phase, 1, __ATOMIC_ACQ_REL);
        syscall(SYS_futex, &room->phase, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
        return NCCL_OK;
    }
    while (__atomic_load_n(&room->phase, __ATOMIC_ACQUIRE) == phase) {
        wait_while(&room->phase, phase);
        if (__atomic_load_n(&room->phase, __ATOMIC_ACQUIRE) != phase) break;
        int failed = st_nccl_in_vain(c);
        if (failed) return failed;
    }
    return NCCL_OK;
}

static int open_room(struct nccl_comm *c) {
    c->bytes = st_round_up(sizeof *c->room, ST_PAGE) + (size_t)c->ranks * NCCL_SLOT;
    int file = open(c->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || posix_fallocate(file, 0, c->bytes)) {
        int number = errno;
        if (file >= 0) close(file);
        return st_nccl_fail(NCCL_SYSTEM, "%s: %s", c->path, strerror(file < 0 ? number : ENOSPC));
    }
    c->room = mmap(NULL, c->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (c->room == MAP_FAILED) { c->room = NULL; return st_nccl_fail(NCCL_SYSTEM, "%s cannot be mapped", c->path); }
    c->slots = (char *)c->room + st_round_up(sizeof *c->room, ST_PAGE);
    return NCCL_OK;
}

/* Two ranks on one device: NCCL refuses, and many a first launch fails by it. */
static int is_twice(struct nccl_comm *c) {
    for (int rank = 0; rank < c->ranks; rank++)
        if (rank != c->rank && c->room->rank[rank].device == c->device)
{
            if (c->rank < rank) st_warn("ranks %d and %d of a communicator are on one device (%d): NCCL refuses that.", c->rank, rank, c->device);
            return st_nccl_fail(NCCL_USAGE, "Duplicate GPU detected : rank %d and rank %d both on CUDA device %x000", c->rank, rank, c->device + 1);
        }
    return NCCL_OK;
}

int st_nccl_join(struct nccl_comm **out, const char *name, int ranks, int rank) {
    *out = NULL;
    if (ranks < 1 || ranks > NCCL_RANKS || rank < 0 || rank >= ranks)
        return st_nccl_fail(NCCL_ARGUMENT, "rank %d of %d: the stand-in devices take up to %d", rank, ranks, NCCL_RANKS);
    struct nccl_comm *c = calloc(1, sizeof *c);
    if (!c) return NCCL_SYSTEM;
    snprintf(c->path, sizeof c->path, "%s", name);
    c->ranks = ranks, c->rank = rank, c->ordinal = st_current, c->device = st_host_device(st_current);
    c->alone = ranks == 1 || getenv("ESPER_STANDIN_ALONE") != NULL;
    int failed = c->alone ? NCCL_OK : open_room(c);
    if (!failed && !c->alone) {
        c->room->rank[rank].device = c->device;
        __atomic_store_n(&c->room->rank[rank].pid, getpid(), __ATOMIC_RELEASE);
        failed = st_nccl_barrier(c);
        if (!failed) failed = is_twice(c);
        if (rank == 0) unlink(c->path);
    }
    if (failed) { st_nccl_leave(c); return failed; }
    *out = c;
    return NCCL_OK;
}

void st_nccl_leave(struct nccl_comm *c) {
    if (c->room) munmap(c->room, c->bytes);
    if (c->charged) {
        st_discharge(c->device, c->charged);
        __atomic_sub_fetch(&held[c->device], c->charged, __ATOMIC_RELAXED);
    }
    free(c);
}

/* NCCL's buffers. Of each channel and connection it takes 10 MiB where it receives (its three protocols, NCCL_BUFFSIZE 4 MiB) and 2 MiB where it
 * sends: NVIDIA/nccl issue 1685. A ring has one of both. Channels: cards with NVLink have up to 24 of a ring and 32 of each
 * peer; over PCIe there are two. */
int st_nccl_link(struct nccl_comm *c, int peer) {
    if (c->ranks == 1 || peer == c->rank || (peer >= 0 ? c->linked[peer] : c->linked[c->rank])) return NCCL_OK;
    int has_nvlink = st_settings.minor == 0 && st_settings.major >= 7;
    const char *most = getenv("NCCL_MAX_NCHANNELS"), *size = getenv("NCCL_BUFFSIZE");
    uint64_t channels = !has_nvlink ? 2 : peer < 0 ? 24 : 32, buffer = size && atoll(size) > 0 ? (uint64_t)atoll(size) : 4ull << 20;
    if (most && atoi(most) > 0 && (uint64_t)atoi(most) < channels) channels = atoi(most);
    /* Beside the simple protocol's, 0.5 MiB and 4.7 MiB of the two for small messages. */
    uint64_t bytes = channels * (st_round_up(buffer + (5317ull << 10), ST_GRANULE) + ST_GRANULE);
    if (st_charge(c->device, bytes)) return st_nccl_fail(NCCL_CUDA, "Failed to CUDA calloc %llu bytes", (unsigned long long)bytes);
    c->charged += bytes;
    __atomic_add_fetch(&held[c->device], bytes, __ATOMIC_RELAXED);
    c->linked[peer >= 0 ? peer : c->rank] = 1;
    st_log(2, "NCCL takes %llu bytes of device %d", (unsigned long long)bytes, c->device);
    return NCCL_OK;
}

#pragma GCC visibility push(default)
/* Bytes that NCCL's buffers of this process hold on its CUDA device `ordinal`. */
uint64_t esper_standin_nccl(int ordinal) {
    return ordinal >= 0 && ordinal < st_settings.visible ? __atomic_load_n(&held[st_host_device(ordinal)], __ATOMIC_RELAXED) : 0;
}
