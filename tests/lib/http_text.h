/* The end of a request line, with the header that HTTP/1.1 demands of every request. */
#ifndef SIO_TESTS_HTTP_TEXT_H
#define SIO_TESTS_HTTP_TEXT_H

#define HTTP " HTTP/1.1\r\nHost: test\r\n"

#endif
