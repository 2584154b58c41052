/* How bytes go from rank to rank. What is not there (pages of the device's memory that nothing was ever written to read as zero) is not sent, so
 * that a large model's gradients, which nobody computed, cost nothing. */
#include "nccl.h"
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#define ENTRIES 1024                               /* pages that are looked at in one read */

static int pagemap(void) {
    static int file = -2;
    if (file == -2) file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    return file;
}

/* The first offset from `from` on at which something may have been written; `bytes` where there is none. */
static size_t written_from(const char *at, size_t from, size_t bytes) {
    if (!at) return bytes;
    if (!st_is_device(at) || pagemap() < 0) return from;
    uint64_t page = ((uint64_t)at + from) / ST_PAGE, end = st_round_up((uint64_t)at + bytes, ST_PAGE) / ST_PAGE;
    uint64_t entry[ENTRIES];
    while (page < end) {
        uint64_t count = end - page < ENTRIES ? end - page : ENTRIES;
        if (pread(pagemap(), entry, count * 8, page * 8) != (ssize_t)(count * 8)) return from;
        for (uint64_t i = 0; i < count; i++)
            if (entry[i] >> 62) {                  /* present or swapped */
                uint64_t found = (page + i) * ST_PAGE;
                return found <= (uint64_t)at + from ? from : found - (uint64_t)at;
            }
        page += count;
    }
    return bytes;
}

static int is_zero(const char *p, size_t bytes) { return !bytes || (!*p && !memcmp(p, p + 1, bytes - 1)); }

static size_t parts_of(size_t bytes) { return (bytes + NCCL_SLOT - 1) / NCCL_SLOT; }
/* The next part from `part` on that has more than zeros; their number where there is none. */
static size_t next_part(const char *send, size_t part, size_t bytes) {
    while (part * NCCL_SLOT < bytes) {
        size_t at = written_from(send, part * NCCL_SLOT, bytes);
        if (at >= bytes) break;
        part = at / NCCL_SLOT;
        size_t start = part * NCCL_SLOT, size = bytes - start < NCCL_SLOT ? bytes - start : NCCL_SLOT;
        if (!is_zero(send + start, size)) return part;
        part++;
    }
    return parts_of(bytes);
}

static void take_zeros(struct nccl_comm *c, struct nccl_take take, size_t from, size_t to) {
    static const char *const nothing[NCCL_RANKS];
    if (to > from) take.part(take.context, c, nothing, from, to - from);
}

/* The others give what we give. */
static int exchange_alone(struct nccl_comm *c, const char *send, size_t bytes, struct nccl_take take) {
    const char *data[NCCL_RANKS];
    size_t count = parts_of(bytes);
    for (size_t part = 0; part < count; part++) {
        size_t next = next_part(send, part, bytes), start = next * NCCL_SLOT;
        take_zeros(c, take, part * NCCL_SLOT, next < count ? start : bytes);
        if (next >= count) break;
        size_t size = bytes - start < NCCL_SLOT ? bytes - start : NCCL_SLOT;
        char copy[NCCL_SLOT];                      /* what is taken may be written over what is given */
        memcpy(copy, send + start, size);
        for (int rank = 0; rank < c->ranks; rank++) data[rank] = copy;
        take.part(take.context, c, data, start, size);
        part = next;
    }
    return NCCL_OK;
}

int st_nccl_exchange(struct nccl_comm *c, const void *send, size_t bytes, struct nccl_take take) {
    if (!bytes) return NCCL_OK;
    if (c->alone) return exchange_alone(c, send, bytes, take);
    const char *data[NCCL_RANKS];
    size_t count = parts_of(bytes), part = 0;
    int failed;
    for (;;) {
        size_t mine = next_part(send, part, bytes), next = count;
        c->room->rank[c->rank].next = mine;
        if ((failed = st_nccl_barrier(c))) return failed;
        for (int rank = 0; rank < c->ranks; rank++)
            if (c->room->rank[rank].next < next) next = c->room->rank[rank].next;
        size_t start = next * NCCL_SLOT, size = next >= count ? 0 : bytes - start < NCCL_SLOT ? bytes - start : NCCL_SLOT;
        if (size && mine == next) memcpy(c->slots + (size_t)c->rank * NCCL_SLOT, (const char *)send + start, size);
        c->room->rank[c->rank].is_zero = mine != next;
        if ((failed = st_nccl_barrier(c))) return failed;
        take_zeros(c, take, part * NCCL_SLOT, size ? start : bytes);
        if (!size) return NCCL_OK;
        for (int rank = 0; rank < c->ranks; rank++)
            data[rank] = c->room->rank[rank].is_zero ? NULL : c->slots + (size_t)rank * NCCL_SLOT;
        take.part(take.context, c, data, start, size);
        part = next + 1;
    }
}

/* Messages: a file each, so that no sender waits for its receiver. */
static void message(const struct nccl_comm *c, int from, int to, uint32_t number, const char *end, char out[400]) {
    snprintf(out, 400, "%s-%d-%d-%u%s", c->path, from, to, number, end);
}

int st_nccl_send(struct nccl_comm *c, const void *send, size_t bytes, int peer) {
    if (c->alone) return NCCL_OK;
    char path[400], whole[400];
    message(c, c->rank, peer, c->sent[peer], ".part", path);
    message(c, c->rank, peer, c->sent[peer]++, "", whole);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), bad = file < 0 || ftruncate(file, bytes);
    size_t count = parts_of(bytes);
    for (size_t part = 0; !bad && (part = next_part(send, part, bytes)) < count; part++) {
        size_t start = part * NCCL_SLOT, size = bytes - start < NCCL_SLOT ? bytes - start : NCCL_SLOT;
        bad = pwrite(file, (const char *)send + start, size, start) != (ssize_t)size;
    }
    if (file >= 0) close(file);
    if (bad || rename(path, whole)) return st_nccl_fail(NCCL_SYSTEM, "%s: %s", path, strerror(errno));
    return NCCL_OK;
}

int st_nccl_receive(struct nccl_comm *c, void *receive, size_t bytes, int peer) {
    if (c->alone) return NCCL_OK;
    char path[400];
    message(c, peer, c->rank, c->received[peer]++, "", path);
    struct timespec pause = { 0, 50000 };
    int file;
    for (int tries = 0; (file = open(path, O_RDONLY | O_CLOEXEC)) < 0; tries++) {
        int failed = tries % 64 == 63 ? st_nccl_in_vain(c) : NCCL_OK;
        /* A sender that is gone may have sent before it went. */
        if (failed && access(path, R_OK)) return failed;
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 2000000) pause.tv_nsec *= 2;
    }
    off_t size = lseek(file, 0, SEEK_END), at = 0;
    unlink(path);
    if (size != (off_t)bytes) {
        close(file);
        return st_nccl_fail(NCCL_ARGUMENT, "rank %d sent %lld bytes, and rank %d receives %zu", peer, (long long)size, c->rank, bytes);
    }
    st_fill(receive, 0, bytes);
    while (at < size && (at = lseek(file, at, SEEK_DATA)) >= 0) {
        ssize_t n = pread(file, (char *)receive + at, size - at < NCCL_SLOT ? size - at : NCCL_SLOT, at);
        if (n <= 0) break;
        at += n;
    }
    close(file);
    st_readback_written(receive, bytes, 1);
    return NCCL_OK;
}
