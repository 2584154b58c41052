/* Messages: sentences on stderr, and a log that ESPER_STANDIN_LOG turns on. */
#include "standin.h"
#include <pthread.h>
#include <stdarg.h>
#include <unistd.h>

static void write_line(const char *head, const char *format, va_list arguments) {
    char line[1024];
    int n = snprintf(line, sizeof line, "%s", head);
    int m = vsnprintf(line + n, sizeof line - n - 1, format, arguments);
    n = m < 0 ? n : n + m > (int)sizeof line - 2 ? (int)sizeof line - 2 : n + m;
    line[n++] = '\n';
    if (write(2, line, n) < 0) return;             /* one write a line: lines of several processes stay whole */
}

void st_log(int level, const char *format, ...) {
    if (st_settings.log < level) return;
    char head[48];
    snprintf(head, sizeof head, "esper stand-in [%d]: ", getpid());
    va_list arguments;
    va_start(arguments, format);
    write_line(head, format, arguments);
    va_end(arguments);
}

void st_warn(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_line("esper stand-in device: ", format, arguments);
    va_end(arguments);
}

int st_without_effect(const char *name, int *once, int result) {
    if (st_settings.log >= 1 && !__atomic_exchange_n(once, 1, __ATOMIC_RELAXED)) st_log(1, "%s has no effect", name);
    return result;
}

int st_unsupported(const char *name, int *once, int result) {
    if (!__atomic_exchange_n(once, 1, __ATOMIC_RELAXED))
        st_warn("%s is not supported; the program is given error %d.", name, result);
    return result;
}

/* Functions that know which name they stand for: one of a pool for each name that was asked for. */
#define REFUSALS 64
static const char *refused[REFUSALS];
static int refused_once[REFUSALS];
#define REFUSE(i) static int refuse_##i(void) { return st_unsupported(refused[i], &refused_once[i], 801); }
#define TEN(x, d) x(d##0) x(d##1) x(d##2) x(d##3) x(d##4) x(d##5) x(d##6) x(d##7) x(d##8) x(d##9)
TEN(REFUSE, ) TEN(REFUSE, 1) TEN(REFUSE, 2) TEN(REFUSE, 3) TEN(REFUSE, 4) TEN(REFUSE, 5)
REFUSE(60) REFUSE(61) REFUSE(62) REFUSE(63)
#define NAME(i) refuse_##i,
static int (*const refusals[REFUSALS])(void) = {
    TEN(NAME, ) TEN(NAME, 1) TEN(NAME, 2) TEN(NAME, 3) TEN(NAME, 4) TEN(NAME, 5) NAME(60) NAME(61) NAME(62) NAME(63)
};

void *st_refusal(const char *name) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    int i = 0;
    pthread_mutex_lock(&lock);
    while (i < REFUSALS - 1 && refused[i] && strcmp(refused[i], name)) i++;
    if (!refused[i]) refused[i] = i < REFUSALS - 1 ? strdup(name) : "one of many driver calls";
    pthread_mutex_unlock(&lock);
    return (void *)refusals[i];
}
