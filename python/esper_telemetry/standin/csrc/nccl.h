/* NCCL on the stand-in devices of one host: what its parts share.
 * A communicator is a file that its ranks map (nccl_room.c); a collective is carried out when its call returns, through that file
 * (nccl_exchange.c, nccl_collectives.c); a group is a list of calls (nccl_group.c). Layouts are those of NCCL's documented interface. */
#pragma once
#include "standin.h"

#define NCCL_RANKS 256            /* of a communicator at most */
#define NCCL_SLOT (256u << 10)    /* bytes of one rank that are under way at a time */

enum {
    NCCL_OK = 0, NCCL_CUDA = 1, NCCL_SYSTEM = 2, NCCL_INTERNAL = 3, NCCL_ARGUMENT = 4, NCCL_USAGE = 5, NCCL_REMOTE = 6,
};
enum { NCCL_SUM, NCCL_PROD, NCCL_MAX, NCCL_MIN, NCCL_AVG, NCCL_OWN_OPS };
typedef struct { char text[128]; } nccl_id;

/* The head of the mapped file; the slots of the ranks stand behind it. */
struct nccl_room {
    uint32_t joined, arrived, phase, broken;
    struct { int32_t pid, device, color, key, is_zero; uint64_t next; } rank[NCCL_RANKS];
};

struct nccl_comm {
    char path[300];               /* of its file, which is gone once all have joined; also of its messages */
    int ranks, rank, device;      /* device: the host's */
    int ordinal;                  /* CUDA's number of it */
    int alone;                    /* one rank of a world whose others are taken to be like it: nothing is shared */
    int aborted, splits;
    struct nccl_room *room;
    char *slots;
    size_t bytes;                 /* of the mapping */
    uint64_t charged;             /* NCCL's own buffers on the device */
    uint8_t linked[NCCL_RANKS];   /* peers that messages went to or came from */
    uint32_t sent[NCCL_RANKS], received[NCCL_RANKS];
};

/* ---- nccl_room.c ---- */
int st_nccl_join(struct nccl_comm **out, const char *name, int ranks, int rank);
void st_nccl_leave(struct nccl_comm *);
int st_nccl_barrier(struct nccl_comm *);
/* Whether waiting is without result: this rank was aborted, or another one is gone. NCCL_OK, or the error. */
int st_nccl_in_vain(struct nccl_comm *);
/* A sentence for ncclGetLastError. Returns `result`. */
int st_nccl_fail(int result, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *st_nccl_last(void);
/* Buffers that NCCL holds for collectives (peer −1), or for messages with a peer. */
int st_nccl_link(struct nccl_comm *, int peer);

/* ---- nccl_exchange.c ---- */
/* Takes `bytes` of what `rank` gave, from `offset` on; `data` NULL: all zero. */
struct nccl_take { void (*part)(void *context, struct nccl_comm *, const char *const *data, size_t offset, size_t bytes); void *context; };
/* Every rank gives `bytes` (the same number everywhere; `send` NULL: zeros) and takes what all gave, part by part. */
int st_nccl_exchange(struct nccl_comm *, const void *send, size_t bytes, struct nccl_take);
int st_nccl_send(struct nccl_comm *, const void *send, size_t bytes, int peer);
int st_nccl_receive(struct nccl_comm *, void *receive, size_t bytes, int peer);

/* ---- nccl_types.c ---- */
size_t st_nccl_width(int type);   /* bytes of an element; 0: no such type */
/* out = parts reduced, in the order of the ranks; each is multiplied by `scale` first. 0, or −1: not this type. */
int st_nccl_reduce(void *out, const char *const *parts, int ranks, size_t count, int type, int op, double scale);
double st_nccl_real(const void *, int type);   /* an element of a floating-point type as a number */

/* ---- nccl_collectives.c ---- */
enum nccl_kind { NCCL_ALL_REDUCE, NCCL_BROADCAST, NCCL_REDUCE, NCCL_ALL_GATHER, NCCL_REDUCE_SCATTER, NCCL_ALL_TO_ALL, NCCL_GATHER, NCCL_SCATTER, NCCL_SEND, NCCL_RECEIVE, NCCL_INIT };
struct nccl_call {
    enum nccl_kind kind;
    struct nccl_comm *comm;
    const void *send;
    void *receive;
    size_t count;
    int type, op, peer;           /* peer: or root */
    double scale;
    /* NCCL_INIT */
    struct nccl_comm **made;
    nccl_id id;
    int ranks, rank, ordinal;
};
int st_nccl_perform(const struct nccl_call *);

/* ---- nccl_group.c ---- */
int st_nccl_submit(struct nccl_call);   /* at once, or at the end of the group */
