#include "redis/revisit.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "cluster/scratch.h"

/* Entries that are asked for at once. */
#define COUNT      "200"
#define COUNT_SIZE 200

struct missed {
    sio_entry_id id;
    sio_value packet; /* [event, …arguments, offset] */
};

struct sio_revisit {
    sio_revisit *next;
    sio_revisit *previous;
    sio_archive *archive;
    sio_restorer *restorer; /* NULL: nobody waits any more */
    unsigned asked;         /* commands that are not answered */
    unsigned rounds;        /* of reading */
    uint64_t due;           /* held until then at most */
    bool held;
    bool failed;
    bool has_session;
    bool begun;         /* the entry of the offset has been seen */
    sio_entry_id last;  /* seen */
    sio_entry_id aim;   /* how far this node had read when the last command was sent */
    sio_entry_id needs; /* how far it must have: to what the client has got from others, and to what
                           it gave out before it read it, as far as that was seen */
    uint64_t mark;      /* of the last that Redis had been written before that command */
    sio_arena arena;
    sio_session session;
    struct missed *missed; /* in the arena */
    size_t missed_count;
    size_t missed_cap;
    size_t bytes;
    size_t nsp_len;
    char nsp[];
};

static void remove_revisit(sio_revisit *self)
{
    sio_archive *archive = self->archive;
    if (self->previous)
        self->previous->next = self->next;
    else
        archive->revisits = self->next;
    if (self->next)
        self->next->previous = self->previous;
    archive->held -= self->held;
    sio_arena_free(&self->arena);
    sio_mem_free(self);
}

static sio_revisit *revisit_new(sio_archive *archive, sio_str nsp, sio_restorer *restorer)
{
    sio_revisit *self = sio_mem_zalloc(sizeof *self + nsp.len);
    if (!self)
        return NULL;
    memcpy(self->nsp, nsp.data, nsp.len);
    self->nsp_len = nsp.len;
    self->archive = archive;
    self->restorer = restorer;
    self->next = archive->revisits;
    if (self->next)
        self->next->previous = self;
    archive->revisits = self;
    return self;
}

static sio_str nsp_of(const sio_revisit *self)
{
    return (sio_str){ self->nsp, self->nsp_len };
}

/* ---- the end of it ---- */

/* Only what this node has handed out already: the rest it will, and the client will be there. */
static void answer(sio_revisit *self)
{
    sio_restorer *restorer = self->restorer;
    size_t count = 0;
    sio_value *packets = sio_arena_alloc(&self->arena, (self->missed_count + 1) * sizeof *packets);
    while (packets && count < self->missed_count &&
           sio_entry_id_compare(self->missed[count].id, self->archive->stream->last) <= 0) {
        packets[count] = self->missed[count].packet;
        count++;
    }
    self->restorer = NULL;
    if (restorer)
        restorer->answer(restorer, packets ? &self->session : NULL, packets, count);
    remove_revisit(self);
}

static void refuse(sio_revisit *self)
{
    sio_restorer *restorer = self->restorer;
    self->restorer = NULL;
    self->failed = true;
    if (restorer)
        restorer->answer(restorer, NULL, NULL, 0);
}

/* ---- what was missed ---- */

/* Redis need not be read from for nobody. */
static bool is_over(const sio_revisit *self)
{
    return self->failed || !self->restorer;
}

static int grow(sio_revisit *self)
{
    const size_t cap = self->missed_cap ? 2 * self->missed_cap : 16;
    struct missed *missed = sio_arena_alloc(&self->arena, cap * sizeof *missed);
    if (!missed)
        return SIO_ENOMEM;
    if (self->missed_count)
        memcpy(missed, self->missed, self->missed_count * sizeof *missed);
    self->missed = missed;
    self->missed_cap = cap;
    return 0;
}

/* The event with its offset behind. */
static int add_missed(sio_revisit *self, const sio_value *data, sio_entry_id id)
{
    char text[SIO_ENTRY_ID_SIZE];
    const size_t len = sio_entry_id_write(text, id), count = sio_value_count(data);
    const char *offset = sio_arena_strndup(&self->arena, text, len);
    sio_value *items = sio_arena_alloc(&self->arena, (count + 1) * sizeof *items);
    if (!offset || !items || (self->missed_count == self->missed_cap && grow(self)))
        return SIO_ENOMEM;
    memcpy(items, data->as.items, count * sizeof *items);
    items[count] = sio_value_of_string((sio_str){ offset, len });
    self->missed[self->missed_count++] =
        (struct missed){ id, sio_value_of_array(items, count + 1) };
    return 0;
}

/* Most are not for the client, and leave nothing behind. */
static bool is_missed(sio_revisit *self, const sio_entry *entry)
{
    sio_member_message message;
    sio_arena *scratch = &self->archive->scratch;
    if (!sio_str_equal(entry->nsp, nsp_of(self)) || !sio_str_equal(entry->type, SIO_STR("3")))
        return false;
    const bool missed =
        sio_entry_read(&message, scratch, entry) == 0 && sio_kept_missed(&self->session, &message);
    sio_arena_reset(scratch);
    return missed;
}

/* SIO_ELIMIT: it missed too much. */
static int see(sio_revisit *self, const sio_entry *entry)
{
    sio_member_message message;
    if (!is_missed(self, entry))
        return 0;
    self->bytes += entry->data.len;
    if (self->bytes > SIO_LIMIT_MISSED)
        return SIO_ELIMIT;
    const int err = sio_entry_read(&message, &self->arena, entry);
    return err ? err : add_missed(self, &message.asked.data, entry->id);
}

/* The first of all must be the one that the client has got last: else there may be others behind it
 * that are lost. */
static int see_all(sio_revisit *self, const redisReply *reply)
{
    int err = reply->type == REDIS_REPLY_ARRAY ? 0 : SIO_EPARSE;
    for (size_t i = 0; !err && i < reply->elements; i++) {
        sio_entry entry;
        err = sio_stream_entry(&entry, reply->element[i]);
        if (!err && !self->begun && sio_entry_id_compare(entry.id, self->last) != 0)
            err = SIO_ENOTFOUND;
        if (!err && sio_streams_gave_out(self->archive->streams, &entry))
            self->needs = entry.id;
        if (!err && self->begun)
            err = see(self, &entry);
        self->begun = true;
        self->last = entry.id;
    }
    return err ? err : self->begun ? 0 : SIO_ENOTFOUND;
}

static void read_on(sio_revisit *self);

static void hold(sio_revisit *self)
{
    sio_archive *archive = self->archive;
    self->held = true;
    if (archive->held == 0 || sio_entry_id_compare(self->needs, archive->held_until) > 0)
        archive->held_until = self->needs;
    if (archive->held == 0 || self->due < archive->held_due)
        archive->held_due = self->due;
    archive->held++;
}

/* Any one that is due by then; NULL: nobody is. */
static sio_revisit *release(sio_archive *archive, uint64_t due)
{
    sio_revisit *one = archive->held ? archive->revisits : NULL;
    while (one && !(one->held && one->due <= due))
        one = one->next;
    if (one) {
        one->held = false;
        archive->held--;
    }
    return one;
}

/* Has this node given out, without having read it, what may not have been there to be seen? */
static bool is_behind(const sio_revisit *self)
{
    const sio_streams *streams = self->archive->streams;
    return streams->ahead > streams->seen && streams->ahead > self->mark;
}

static void read_again(sio_revisit *self)
{
    if (self->due <= self->archive->streams->members.now)
        refuse(self);
    if (is_over(self))
        remove_revisit(self);
    else
        read_on(self);
}

/* A reply that is not full has all that was there when the command was sent. */
static void on_entries(void *data, int err, const redisReply *reply)
{
    sio_revisit *self = data;
    self->asked--;
    if (!is_over(self) && (err || !self->has_session || see_all(self, reply)))
        refuse(self);
    if (is_over(self)) {
        remove_revisit(self);
        return;
    }
    if (reply->elements < COUNT_SIZE && sio_entry_id_compare(self->last, self->aim) < 0)
        self->last = self->aim;
    const sio_entry_id read = self->archive->stream->last;
    if (sio_entry_id_compare(self->last, read) < 0)
        read_on(self);
    else if (is_behind(self))
        read_again(self);
    else if (sio_entry_id_compare(self->needs, read) > 0)
        hold(self);
    else
        answer(self);
}

static int ask_for_entries(sio_revisit *self)
{
    char from[SIO_ENTRY_ID_SIZE + 1] = "(";
    sio_entry_id_write(from + 1, self->last);
    const sio_str words[] = { SIO_STR("XRANGE"),
                              sio_str_from(self->archive->stream->name),
                              sio_str_from(self->begun ? from : from + 1),
                              SIO_STR("+"),
                              SIO_STR("COUNT"),
                              SIO_STR(COUNT) };
    self->aim = self->archive->stream->last;
    self->mark =
        sio_redis_link_has_written(self->archive->link) ? self->archive->streams->marks : 0;
    self->asked++;
    const int err = sio_redis_link_ask(
        self->archive->link,
        &(sio_redis_command){ .words = words, .count = 6, .reply = on_entries, .data = self });
    self->asked -= err != 0;
    return err;
}

static void read_on(sio_revisit *self)
{
    if (++self->rounds < SIO_LIMIT_MISSED_ROUNDS && ask_for_entries(self) == 0)
        return;
    refuse(self);
    remove_revisit(self);
}

/* ---- the session ---- */

/* It must be of that namespace and of that client, whoever has written it. */
static int read_session(sio_revisit *self, const redisReply *reply)
{
    if (reply->type != REDIS_REPLY_STRING)
        return SIO_ENOTFOUND;
    sio_session *session = &self->session;
    int err = sio_kept_read(session, &self->arena, (sio_str){ reply->str, reply->len });
    if (!err && session->nsp.data && !sio_str_equal(session->nsp, nsp_of(self)))
        err = SIO_ENOTFOUND;
    session->nsp = nsp_of(self);
    return err;
}

static void on_session(void *data, int err, const redisReply *reply)
{
    sio_revisit *self = data;
    self->asked--;
    if (!is_over(self) && (err || read_session(self, reply)))
        refuse(self);
    self->has_session = !is_over(self);
    if (self->asked == 0)
        remove_revisit(self);
}

static int ask_for_session(sio_revisit *self, sio_str pid)
{
    sio_buf key = { 0 };
    sio_buf_text(&key, self->archive->prefix);
    sio_buf_append(&key, pid.data, pid.len);
    const sio_str words[] = { SIO_STR("GETDEL"), sio_buf_str(&key) };
    const sio_redis_command command = {
        .words = words, .count = 2, .reply = on_session, .data = self
    };
    const int err = key.err ? key.err : sio_redis_link_ask(self->archive->link, &command);
    self->asked += !err;
    sio_buf_free(&key);
    return err;
}

/* ---- all of them ---- */

/* The second of both commands that cannot be sent leaves the first, which removes the object. */
void sio_revisit_begin(sio_archive *archive, sio_str nsp, sio_str pid, sio_str offset, uint64_t now,
                       sio_restorer *restorer)
{
    sio_entry_id id;
    sio_revisit *self = NULL;
    if (sio_entry_id_read(&id, offset) == 0)
        self = revisit_new(archive, nsp, restorer);
    if (!self) {
        restorer->answer(restorer, NULL, NULL, 0);
        return;
    }
    self->last = self->needs = id;
    self->due = now + SIO_LIMIT_AHEAD_MS;
    const int err = ask_for_session(self, pid);
    if (err || ask_for_entries(self))
        refuse(self);
    if (err)
        remove_revisit(self);
}

void sio_revisit_release_all(sio_archive *archive)
{
    for (sio_revisit *one; (one = release(archive, UINT64_MAX));)
        read_on(one);
}

void sio_revisit_refuse_due(sio_archive *archive, uint64_t now)
{
    for (sio_revisit *one; (one = release(archive, now));) {
        refuse(one);
        remove_revisit(one);
    }
    archive->held_due = UINT64_MAX;
    for (const sio_revisit *one = archive->revisits; one; one = one->next)
        if (one->held && one->due < archive->held_due)
            archive->held_due = one->due;
}

/* Who is held has no command whose answer would remove it. */
void sio_revisit_forget(sio_archive *archive, const sio_restorer *restorer)
{
    sio_revisit *one = archive->revisits;
    while (one && one->restorer != restorer)
        one = one->next;
    if (!one)
        return;
    one->restorer = NULL;
    if (one->held)
        remove_revisit(one);
}

void sio_revisit_forget_all(sio_archive *archive)
{
    for (sio_revisit *one = archive->revisits; one; one = one->next)
        one->restorer = NULL;
}

void sio_revisit_free_all(sio_archive *archive)
{
    while (archive->revisits)
        remove_revisit(archive->revisits);
}
