#include <sio/err.h>
#include <sio/version.h>

const char *sio_err_name(int err)
{
    switch (err) {
    case 0:
        return "SIO_OK";
#define XX(name, number, text)                                                                     \
    case SIO_##name:                                                                               \
        return "SIO_" #name;
        SIO_ERR_MAP(XX)
#undef XX
    default:
        return "SIO_EUNKNOWN";
    }
}

const char *sio_err_message(int err)
{
    switch (err) {
    case 0:
        return "no error";
#define XX(name, number, text)                                                                     \
    case SIO_##name:                                                                               \
        return text;
        SIO_ERR_MAP(XX)
#undef XX
    default:
        return "unknown error";
    }
}

const char *sio_version_string(void)
{
    return SIO_VERSION_STRING;
}
