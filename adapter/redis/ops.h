/* What the server calls of an adapter over Redis, as sio_adapter_ops has it: of every kind, or of
 * those that have nothing of their own to do then. */
#ifndef SIO_REDIS_OPS_H
#define SIO_REDIS_OPS_H

#include <sio/sys/adapter.h>

int sio_redis_op_open(sio_adapter *adapter, sio_str nsp);
void sio_redis_op_close(sio_adapter *adapter, sio_str nsp);
int sio_redis_op_broadcast(sio_adapter *adapter, const sio_cluster_message *message);
int sio_redis_op_tell(sio_adapter *adapter, const sio_cluster_request *request);
int sio_redis_op_ask(sio_adapter *adapter, const sio_cluster_request *request, sio_asker *asker);
void sio_redis_op_forget(sio_adapter *adapter, sio_asker *asker);
void sio_redis_op_room(sio_adapter *adapter, sio_str nsp, sio_str room, bool present);
void sio_redis_op_stats(const sio_adapter *adapter, sio_cluster_stats *out);
void sio_redis_op_probe(sio_adapter *adapter);
void sio_redis_op_stop(sio_adapter *adapter, void (*done)(void *data), void *data);

#endif
