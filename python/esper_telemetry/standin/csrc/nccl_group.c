/* Communicators as a program makes them, and groups: what stands between ncclGroupStart and ncclGroupEnd is carried out at the end. Several
 * communicators in one group (all GPUs of one process) each have a thread then, because they wait for each other. */
#include "nccl.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/random.h>
#include <unistd.h>

static __thread struct nccl_call *queue;
static __thread size_t queued, room;
static __thread int depth;

static void name_of(const nccl_id *id, char out[300]) {
    snprintf(out, 300, "%s/esper-standin-%.100s", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm", id->text);
}

static int carry_out(struct nccl_call *call) {
    if (call->kind != NCCL_INIT) return st_nccl_perform(call);
    char name[300];
    name_of(&call->id, name);
    st_current = call->ordinal;
    return st_nccl_join(call->made, name, call->ranks, call->rank);
}

/* One rank's calls of a group, in their order; what is sent goes first, for nobody waits for that. */
struct share { struct nccl_call *calls; size_t count, first; int result; char last[256]; pthread_t thread; };
static int belongs(const struct nccl_call *a, const struct nccl_call *b) {
    return a->kind == NCCL_INIT || b->kind == NCCL_INIT ? a == b : a->comm == b->comm;
}
/* PyTorch gathers by a group of broadcasts, one from each rank. Alone, what others would give there is what we give in ours. */
static int take_for_others(struct share *s, const struct nccl_call *call) {
    if (call->kind != NCCL_BROADCAST || !call->comm->alone || call->peer == call->comm->rank) return 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct nccl_call *own = &s->calls[i];
        if (own->kind != NCCL_BROADCAST || own->comm != call->comm || own->peer != own->comm->rank) continue;
        size_t bytes = (own->count < call->count ? own->count : call->count) * st_nccl_width(call->type);
        if (bytes <= st_settings.device_copy_limit) memmove(call->receive, own->send, bytes);
        return 1;
    }
    return 0;
}
static void *carry_out_share(void *argument) {
    struct share *s = argument;
    const struct nccl_call *first = &s->calls[s->first];
    for (int sends = 1; sends >= 0; sends--)
        for (size_t i = s->first; i < s->count && !s->result; i++)
            if (belongs(&s->calls[i], first) && (s->calls[i].kind == NCCL_SEND) == sends && !take_for_others(s, &s->calls[i])) s->result = carry_out(&s->calls[i]);
    if (s->result) snprintf(s->last, sizeof s->last, "%s", st_nccl_last());
    return NULL;
}

static int carry_out_group(struct nccl_call *calls, size_t count) {
    struct share shares[ST_DEVICES];
    size_t number = 0;
    int before = st_current, result = NCCL_OK;
    for (size_t i = 0; i < count; i++) {
        size_t known = 0;
        while (known < number && !belongs(&calls[i], &calls[shares[known].first])) known++;
        if (known < number) continue;
        if (number == ST_DEVICES) return st_nccl_fail(NCCL_USAGE, "more than %d communicators in one group", ST_DEVICES);
        shares[number++] = (struct share){ .calls = calls, .count = count, .first = i };
    }
    for (size_t i = 1; i < number; i++)
        if (pthread_create(&shares[i].thread, NULL, carry_out_share, &shares[i])) return st_nccl_fail(NCCL_SYSTEM, "no thread for a group");
    if (number) carry_out_share(&shares[0]);
    for (size_t i = 1; i < number; i++) pthread_join(shares[i].thread, NULL);
    for (size_t i = 0; i < number && !result; i++)
        if (shares[i].result) result = st_nccl_fail(shares[i].result, "%s", shares[i].last);
    st_current = before;
    return result;
}

int st_nccl_submit(struct nccl_call call) {
    if (call.kind != NCCL_INIT && !call.comm) return st_nccl_fail(NCCL_ARGUMENT, "no communicator");
    if (!depth) {
        int before = st_current, result = carry_out(&call);
        st_current = before;
        return result;
    }
    if (queued == room) {
        size_t larger = room ? room * 2 : 64;
        struct nccl_call *grown = realloc(queue, larger * sizeof *queue);
        if (!grown) return NCCL_SYSTEM;
        queue = grown, room = larger;
    }
    queue[queued++] = call;
    return NCCL_OK;
}

#pragma GCC visibility push(default)
typedef struct nccl_comm *comm_t;

int ncclGroupStart(void) { depth++; return NCCL_OK; }
int ncclGroupEnd(void) {
    if (!depth) return st_nccl_fail(NCCL_USAGE, "ncclGroupEnd without ncclGroupStart");
    if (--depth) return NCCL_OK;
    size_t count = queued;
    queued = 0;
    return carry_out_group(queue, count);
}

int ncclGetUniqueId(nccl_id *id) {
    uint64_t random[2];
    if (getrandom(random, sizeof random, 0) != sizeof random) return NCCL_SYSTEM;
    memset(id, 0, sizeof *id);
    /* Named as a ledger is: what a program that was killed leaves is swept away by the next. */
    snprintf(id->text, sizeof id->text, "%u-%d-nccl-%016llx%016llx", getuid(), getpid(), (unsigned long long)random[0], (unsigned long long)random[1]);
    return NCCL_OK;
}

int ncclCommInitRankConfig(comm_t *c, int ranks, nccl_id id, int rank, void *config) {
    (void)config;
    if (st_start() || st_is_bad_fork()) return NCCL_CUDA;
    return st_nccl_submit((struct nccl_call){ .kind = NCCL_INIT, .made = c, .id = id, .ranks = ranks, .rank = rank, .ordinal = st_current });
}
int ncclCommInitRank(comm_t *c, int ranks, nccl_id id, int rank) { return ncclCommInitRankConfig(c, ranks, id, rank, NULL); }
int ncclCommInitRankScalable(comm_t *c, int ranks, int rank, int ids, nccl_id *id, void *config) {
    return ids > 0 ? ncclCommInitRankConfig(c, ranks, id[0], rank, config) : NCCL_ARGUMENT;
}
int ncclCommInitAll(comm_t *c, int count, const int *devices) {
    nccl_id id;
    int before = st_current, failed = ncclGetUniqueId(&id);
    ncclGroupStart();
    for (int i = 0; i < count && !failed; i++) {
        st_current = devices ? devices[i] : i;
        failed = ncclCommInitRank(&c[i], count, id, i);
    }
    st_current = before;
    int ended = ncclGroupEnd();
    return failed ? failed : ended;
}

/* Ranks of one colour, ordered by key and then by rank, are a communicator of their own; colour −1: none. */
int ncclCommSplit(comm_t c, int color, int key, comm_t *out, void *config) {
    (void)config;
    *out = NULL;
    char name[300];
    snprintf(name, sizeof name, "%.250s.%d-%d", c->path, ++c->splits, color);
    int ranks = 0, rank = 0;
    if (c->alone) ranks = color < 0 ? 0 : c->ranks, rank = c->rank;
    else {
        c->room->rank[c->rank].color = color, c->room->rank[c->rank].key = key;
        int failed = st_nccl_barrier(c);
        if (failed) return failed;
        for (int other = 0; other < c->ranks; other++)
            if (c->room->rank[other].color == color) {
                ranks++;
                rank += c->room->rank[other].key < key || (c->room->rank[other].key == key && other < c->rank);
            }
        if ((failed = st_nccl_barrier(c))) return failed;   /* what was read may be written again */
    }
    int before = st_current, result = NCCL_OK;
    st_current = c->ordinal;
    if (color >= 0) result = st_nccl_join(out, name, ranks, rank);
    st_current = before;
    return result;
}

int ncclCommFinalize(comm_t c) { (void)c; return NCCL_OK; }
int ncclCommAbort(comm_t c) {
    if (!c) return NCCL_OK;
    __atomic_store_n(&c->aborted, 1, __ATOMIC_RELEASE);
    return NCCL_OK;
}
int ncclCommDestroy(comm_t c) { if (c) st_nccl_leave(c); return NCCL_OK; }
int ncclCommGetAsyncError(comm_t c, int *e) { *e = c && c->aborted ? NCCL_INTERNAL : NCCL_OK; return NCCL_OK; }
int ncclCommCount(comm_t c, int *n) { *n = c->ranks; return NCCL_OK; }
int ncclCommCuDevice(comm_t c, int *n) { *n = c->ordinal; return NCCL_OK; }
int ncclCommUserRank(comm_t c, int *n) { *n = c->rank; return NCCL_OK; }
int ncclCommRegister(comm_t c, void *p, size_t n, void **handle) { (void)c, (void)n; *handle = p; return NCCL_OK; }
int ncclCommDeregister(comm_t c, void *handle) { (void)c, (void)handle; return NCCL_OK; }
int ncclMemAlloc(void **p, size_t n) { *p = st_start() ? NULL : st_malloc(st_host_device(st_current), n); return *p || !n ? NCCL_OK : NCCL_CUDA; }
int ncclMemFree(void *p) { return !p || !st_free(p) ? NCCL_OK : NCCL_ARGUMENT; }
const char *ncclGetLastError(comm_t c) { (void)c; return st_nccl_last(); }
const char *ncclGetErrorString(int e) {
    static const char *const text[] = {
        "no error", "unhandled cuda error (run with NCCL_DEBUG=INFO for details)", "unhandled system error (run with NCCL_DEBUG=INFO for details)",
        "internal error - please report this issue to the NCCL developers", "invalid argument (run with NCCL_DEBUG=WARN for details)",
        "invalid usage (run with NCCL_DEBUG=WARN for details)", "remote process exited or there was a network error", "NCCL operation in progress",
    };
    return e >= 0 && e < (int)(sizeof text / sizeof *text) ? text[e] : "unknown result code";
}
