/* Marks of declarations; included by each public header, of no use alone. */
#ifndef SIO_EXTERN_H
#define SIO_EXTERN_H

#if defined(__cplusplus)
#define SIO_LINKAGE extern "C"
#else
#define SIO_LINKAGE
#endif

#if defined(__GNUC__)
#define SIO_EXTERN SIO_LINKAGE __attribute__((visibility("default")))
/* The result says whether the call worked, or is owned by the caller: it must be looked at. */
#define SIO_MUST_USE            __attribute__((warn_unused_result))
#define SIO_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define SIO_EXTERN SIO_LINKAGE
#define SIO_MUST_USE
#define SIO_PRINTF(text, first)
#endif

#endif
