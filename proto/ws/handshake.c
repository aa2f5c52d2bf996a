#include <openssl/evp.h>

#include <sio/err.h>
#include <sio/sys/text.h>
#include <sio/sys/ws.h>

#define KEY_SIZE  24
#define SHA1_SIZE 20

static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

static bool base64_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

static bool valid_key(sio_str key)
{
    if (key.len != KEY_SIZE || memcmp(key.data + KEY_SIZE - 2, "==", 2) != 0)
        return false;
    for (size_t i = 0; i < KEY_SIZE - 2; i++) {
        if (!base64_letter(key.data[i]))
            return false;
    }
    return true;
}

int sio_ws_accept(char out[SIO_WS_ACCEPT_SIZE], sio_str key)
{
    if (!valid_key(key))
        return SIO_EINVAL;
    char text[KEY_SIZE + sizeof guid - 1];
    memcpy(text, key.data, KEY_SIZE);
    memcpy(text + KEY_SIZE, guid, sizeof guid - 1);
    unsigned char digest[SHA1_SIZE];
    if (EVP_Digest(text, sizeof text, digest, NULL, EVP_sha1(), NULL) != 1)
        return SIO_ESYSTEM;
    sio_base64_encode(out, digest, sizeof digest);
    out[SIO_WS_ACCEPT_SIZE - 1] = '\0';
    return 0;
}
