/* The stand-in CUDA device: what its parts share.
 * Device memory is a range of host addresses; what a device holds is bookkeeping (ledger.c), where a block lies is
 * addresses.c. Memory calls and copies are carried out; kernels and library computations do nothing.
 * No NVIDIA header is needed: cuda_abi.h declares the layouts that PyTorch and the libraries agree on. */
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ST_DEVICES 64            /* at most, on one host */
#define ST_PROCESSES 256         /* at most, on one ledger */
#define ST_PAGE 4096ull          /* of the host */
#define ST_GRANULE (2ull << 20)  /* what the driver hands out: multiples of 2 MiB */

static inline uint64_t st_round_up(uint64_t n, uint64_t step) { return (n + step - 1) / step * step; }

/* ---- settings.c: ESPER_STANDIN_… ---- */
enum st_order { ST_FALL, ST_RISE, ST_WSL, ST_FILE };
struct st_settings {
    int devices;                    /* of the host */
    int visible;                    /* those that CUDA_VISIBLE_DEVICES leaves */
    int ordinal[ST_DEVICES];        /* CUDA's number of a device → the host's */
    uint64_t memory[ST_DEVICES];    /* bytes in all */
    uint64_t others[ST_DEVICES];    /* bytes that processes outside the ledger hold */
    uint64_t context;               /* bytes that a process's context takes on each device it uses */
    int major, minor;               /* compute capability */
    int multiprocessors, threads;   /* and threads of each: they set the size of reduction buffers */
    enum st_order order;
    int hole_after;                 /* ST_WSL: allocations until the hole opens */
    char order_file[512];           /* ST_FILE: an address offset a line, hexadecimal, for each cudaMalloc */
    uint64_t copy_limit;            /* a larger copy from the host is left out */
    uint64_t device_copy_limit;     /* a larger copy or fill inside the device is left out */
    int readback;                   /* 1: what kernels would have written reads back by rule (readback.c) */
    int log;                        /* 0 nothing, 1 calls without effect (once each), 2 allocations, 3 launches */
    char name[128], shared[512];
};
extern struct st_settings st_settings;
/* Reads the settings and opens ledger and address space, once. 0, or −1 after a sentence: there is no device then. */
int st_start(void);
int st_read_settings(void);

/* ---- messages.c ---- */
void st_log(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));
void st_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A call that has no effect here: logged once at level 1. */
int st_without_effect(const char *name, int *once, int result);
/* A call that is not supported: one sentence for each name, and `result` for the program. */
int st_unsupported(const char *name, int *once, int result);
/* A function that refuses as CUDA_ERROR_NOT_SUPPORTED and names itself; for entry points asked for by name. */
void *st_refusal(const char *name);

/* ---- ledger.c: which process holds how much, shared between processes ---- */
int st_ledger_open(void);
int st_context(int device);                        /* the process's context; −1: it does not fit */
int st_has_context(int device);                    /* whether it was made; makes none */
int st_charge(int device, uint64_t bytes);         /* 0, or −1: out of memory */
void st_discharge(int device, uint64_t bytes);
void st_memory(int device, uint64_t *free_bytes, uint64_t *total_bytes);
/* Processes with a context on the device; returns how many there are, at most `room` are written. */
struct st_process { uint32_t pid; uint64_t bytes; char name[64]; };
int st_processes(int device, struct st_process *out, int room);
int st_is_bad_fork(void);                          /* forked from a process that had a context: CUDA refuses */
#define ST_OTHERS_PID 4194305u                     /* processes outside the ledger: no process can have this id */

/* ---- ranges.c: address ranges in order ---- */
struct st_range {
    uint64_t base, size;
    uint64_t charge;                               /* bytes in the ledger */
    int device, kind;
};
struct st_ranges { struct st_range *at; size_t count, room; };
size_t st_ranges_after(const struct st_ranges *, uint64_t address);   /* index of the first that ends behind it */
int st_ranges_add(struct st_ranges *, struct st_range);
struct st_range *st_ranges_holding(const struct st_ranges *, uint64_t address);
void st_ranges_remove(struct st_ranges *, size_t index);
/* First fit between `low` and `high`; 0 if there is none. */
uint64_t st_ranges_gap(const struct st_ranges *, uint64_t low, uint64_t high, uint64_t size, uint64_t align);

/* ---- addresses.c: device addresses ---- */
enum { ST_MALLOC = 1, ST_RESERVED = 2 };
int st_addresses_open(void);
void *st_malloc(int device, uint64_t size);        /* charges; NULL: out of memory */
int st_free(void *);                               /* −1: not one of st_malloc */
void *st_reserve(uint64_t size, uint64_t align);   /* addresses only, nothing charged */
int st_unreserve(void *);
int st_is_device(const void *);
int st_find(const void *, struct st_range *out);   /* 1: found */
void st_forget(void *, uint64_t bytes);            /* the contents are gone: reads as 0 and costs nothing */

/* ---- pinned.c: page-locked host memory ---- */
void *st_pin(size_t bytes);
int st_unpin(void *);
int st_pin_register(void *, size_t bytes);
int st_pin_unregister(void *);
int st_is_pinned(const void *);

/* ---- data.c: copies and fills ---- */
void st_copy(void *to, const void *from, size_t bytes);
void st_fill(void *to, int value, size_t bytes);
void st_fill32(void *to, uint32_t value, size_t words);

/* ---- kernels.c: names of kernels; readback.c: what is read back of them ---- */
#define ST_ARCHITECTURES 32
struct st_binary { int count; struct { int architecture, is_machine_code; } at[ST_ARCHITECTURES]; };   /* 86: compute capability 8.6 */
void st_binary_read(struct st_binary *, const void *fat_binary);
void st_kernel_register(const void *function, const char *name, const struct st_binary *);
int st_kernel_architecture(const void *function, int *binary, int *ptx);   /* what the device would run of it; −1: nothing */
const char *st_kernel_name(const void *function);  /* "?" if unknown */
void st_kernel_launched(const void *function, void **arguments);
void st_readback_written(const void *to, size_t bytes, int by_host);
void st_readback_launched(const char *kernel, void **arguments);
int st_readback_answer(void *to, const void *from, size_t bytes);   /* 1: answered by rule */

/* ---- values.c: where the values of small tensors are computed ---- */
int st_values_answer(void *to, size_t bytes);   /* 1: answered with a number given beforehand */

/* ---- device.c: facts of the devices ---- */
extern __thread int st_current;                    /* CUDA's number of this thread's device */
static inline int st_host_device(int ordinal) { return st_settings.ordinal[ordinal]; }
int st_attribute(int attribute, int ordinal);
void st_uuid(int device, unsigned char out[16]);   /* of the host's device */
void st_pci(int device, char *out, size_t room);   /* 00000000:01:00.0 */
