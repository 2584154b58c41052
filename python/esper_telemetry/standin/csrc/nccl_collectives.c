/* What each collective makes of the bytes that the ranks give. */
#include "nccl.h"
#include <pthread.h>

/* Operators that a program makes: what each rank gives is multiplied by a number, the same for all, then it is a sum. */
#define MADE 64
static struct { int used, type; char scalar[8]; const void *on_device; } made[MADE];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* An operator of the program's may be gone before its group ends: what it does is read when it is used. */
static void resolve(struct nccl_call *call) {
    int at = call->op - NCCL_OWN_OPS;
    call->scale = 1;
    if (at < 0) return;
    pthread_mutex_lock(&lock);
    if (at < MADE && made[at].used) call->scale = st_nccl_real(made[at].on_device ? made[at].on_device : made[at].scalar, made[at].type);
    pthread_mutex_unlock(&lock);
    call->op = NCCL_SUM;
}

struct context {
    const struct nccl_call *call;
    size_t each;                                   /* bytes of one rank's share */
};

static void put(const struct context *x, size_t at, const char *from, size_t bytes) {
    char *to = (char *)x->call->receive + at;
    if (from) memcpy(to, from, bytes);
    else st_fill(to, 0, bytes);
}

/* Puts the reduction of a part of what all gave. */
static void put_reduced(const struct context *x, struct nccl_comm *c, size_t at, const char *const *data, size_t skip, size_t bytes) {
    const char *part[NCCL_RANKS];
    int any = 0;
    for (int rank = 0; rank < c->ranks; rank++) any |= (part[rank] = data[rank] ? data[rank] + skip : NULL) != NULL;
    if (!any) { put(x, at, NULL, bytes); return; }
    st_nccl_reduce((char *)x->call->receive + at, part, c->ranks, bytes / st_nccl_width(x->call->type), x->call->type, x->call->op, x->call->scale);
}

/* The stretch of [offset, offset + bytes) that lies in our own share: where it begins behind `offset`, and its bytes. */
static size_t own_share(const struct context *x, const struct nccl_comm *c, size_t offset, size_t bytes, size_t *skip) {
    size_t low = (size_t)c->rank * x->each, high = low + x->each, end = offset + bytes;
    if (low < offset) low = offset;
    if (high > end) high = end;
    *skip = low - offset;
    return high > low ? high - low : 0;
}

static void part(void *context, struct nccl_comm *c, const char *const *data, size_t offset, size_t bytes) {
    const struct context *x = context;
    size_t skip, share;
    int root = x->call->peer;
    switch (x->call->kind) {
    case NCCL_ALL_REDUCE: put_reduced(x, c, offset, data, 0, bytes); break;
    case NCCL_REDUCE: if (c->rank == root) put_reduced(x, c, offset, data, 0, bytes); break;
    case NCCL_BROADCAST: if (c->rank != root || x->call->send != x->call->receive) put(x, offset, data[root], bytes); break;
    case NCCL_GATHER: if (c->rank != root) break; /* fall through */
    case NCCL_ALL_GATHER: for (int rank = 0; rank < c->ranks; rank++) put(x, (size_t)rank * x->each + offset, data[rank], bytes); break;
    case NCCL_REDUCE_SCATTER:
        share = own_share(x, c, offset, bytes, &skip);
        if (share) put_reduced(x, c, offset + skip - (size_t)c->rank * x->each, data, skip, share);
        break;
    case NCCL_SCATTER:
    case NCCL_ALL_TO_ALL:
        share = own_share(x, c, offset, bytes, &skip);
        for (int rank = 0; share && rank < c->ranks; rank++) {
            if (x->call->kind == NCCL_SCATTER && rank != root) continue;
            size_t to = offset + skip - (size_t)c->rank * x->each + (x->call->kind == NCCL_SCATTER ? 0 : (size_t)rank * x->each);
            put(x, to, data[rank] ? data[rank] + skip : NULL, share);
        }
        break;
    default: break;
    }
}

int st_nccl_perform(const struct nccl_call *given) {
    struct nccl_call call = *given;
    struct nccl_comm *c = call.comm;
    struct context x = { &call, call.count * st_nccl_width(call.type) };
    if (!st_nccl_width(call.type)) return st_nccl_fail(NCCL_ARGUMENT, "there is no type %d", call.type);
    if (call.peer < 0 || call.peer >= c->ranks) return st_nccl_fail(NCCL_ARGUMENT, "there is no rank %d among %d", call.peer, c->ranks);
    int reduces = call.kind == NCCL_ALL_REDUCE || call.kind == NCCL_REDUCE || call.kind == NCCL_REDUCE_SCATTER;
    int is_message = call.kind == NCCL_SEND || call.kind == NCCL_RECEIVE, by_share = call.kind == NCCL_ALL_TO_ALL;
    if (reduces && call.type > 9) return st_nccl_fail(NCCL_ARGUMENT, "sums of 8-bit floats are not carried out on the stand-in device");
    for (int peer = 0; by_share && peer < c->ranks; peer++)
        if (peer != c->rank && st_nccl_link(c, peer)) return NCCL_CUDA;
    int failed = by_share ? NCCL_OK : st_nccl_link(c, is_message ? call.peer : -1);
    if (failed) return failed;
    if (call.kind == NCCL_SEND) return st_nccl_send(c, call.send, x.each, call.peer);
    if (call.kind == NCCL_RECEIVE) return st_nccl_receive(c, call.receive, x.each, call.peer);
    int of_all = call.kind == NCCL_REDUCE_SCATTER || call.kind == NCCL_ALL_TO_ALL || call.kind == NCCL_SCATTER;
    int only_root = call.kind == NCCL_BROADCAST || call.kind == NCCL_SCATTER;
    size_t bytes = of_all ? x.each * c->ranks : x.each;
    /* Alone we stand for the root too, which gives what we have: a broadcast leaves all as it is. */
    if (c->alone && call.kind == NCCL_BROADCAST && call.peer != c->rank) return NCCL_OK;
    failed = st_nccl_exchange(c, only_root && c->rank != call.peer ? NULL : call.send, bytes, (struct nccl_take){ part, &x });
    int takes = call.kind == NCCL_ALL_GATHER || by_share ? c->ranks : 1;
    if (!failed && (c->rank == call.peer || (call.kind != NCCL_REDUCE && call.kind != NCCL_GATHER)))
        st_readback_written(call.receive, x.each * takes, 1);
    return failed;
}

#pragma GCC visibility push(default)

/* `where`: 0: the number stands on the device and is read when it is used; 1: on the host, read now. */
int ncclRedOpCreatePreMulSum(int *op, void *scalar, int type, int where, struct nccl_comm *c) {
    (void)c;
    pthread_mutex_lock(&lock);
    int at = 0;
    while (at < MADE && made[at].used) at++;
    if (at < MADE) {
        made[at].used = 1, made[at].type = type, made[at].on_device = where == 0 ? scalar : NULL;
        if (where) memcpy(made[at].scalar, scalar, st_nccl_width(type));
        *op = NCCL_OWN_OPS + at;
    }
    pthread_mutex_unlock(&lock);
    return at < MADE ? NCCL_OK : st_nccl_fail(NCCL_INTERNAL, "more than %d operators", MADE);
}
int ncclRedOpDestroy(int op, struct nccl_comm *c) {
    (void)c;
    pthread_mutex_lock(&lock);
    if (op >= NCCL_OWN_OPS && op < NCCL_OWN_OPS + MADE) made[op - NCCL_OWN_OPS].used = 0;
    pthread_mutex_unlock(&lock);
    return NCCL_OK;
}

typedef struct nccl_comm *comm_t;
typedef void *stream;
/* All work is done when a call returns, so that the stream does not matter. */
#define SUBMIT(KIND, SEND, RECEIVE, OP, PEER) \
    struct nccl_call call = { .kind = KIND, .comm = c, .send = SEND, .receive = RECEIVE, .count = n, .type = type, .op = OP, .peer = PEER }; \
    (void)x; \
    resolve(&call); \
    return st_nccl_submit(call)
int ncclAllReduce(const void *s, void *r, size_t n, int type, int op, comm_t c, stream x) { SUBMIT(NCCL_ALL_REDUCE, s, r, op, 0); }
int ncclReduce(const void *s, void *r, size_t n, int type, int op, int root, comm_t c, stream x) { SUBMIT(NCCL_REDUCE, s, r, op, root); }
int ncclBroadcast(const void *s, void *r, size_t n, int type, int root, comm_t c, stream x) { SUBMIT(NCCL_BROADCAST, s, r, 0, root); }
int ncclBcast(void *b, size_t n, int type, int root, comm_t c, stream x) { SUBMIT(NCCL_BROADCAST, b, b, 0, root); }
int ncclAllGather(const void *s, void *r, size_t n, int type, comm_t c, stream x) { SUBMIT(NCCL_ALL_GATHER, s, r, 0, 0); }
int ncclReduceScatter(const void *s, void *r, size_t n, int type, int op, comm_t c, stream x) { SUBMIT(NCCL_REDUCE_SCATTER, s, r, op, 0); }
int ncclAlltoAll(const void *s, void *r, size_t n, int type, comm_t c, stream x) { SUBMIT(NCCL_ALL_TO_ALL, s, r, 0, 0); }
int ncclGather(const void *s, void *r, size_t n, int type, int root, comm_t c, stream x) { SUBMIT(NCCL_GATHER, s, r, 0, root); }
int ncclScatter(const void *s, void *r, size_t n, int type, int root, comm_t c, stream x) { SUBMIT(NCCL_SCATTER, s, r, 0, root); }
int ncclSend(const void *s, size_t n, int type, int peer, comm_t c, stream x) { SUBMIT(NCCL_SEND, s, NULL, 0, peer); }
int ncclRecv(void *r, size_t n, int type, int peer, comm_t c, stream x) { SUBMIT(NCCL_RECEIVE, NULL, r, 0, peer); }
