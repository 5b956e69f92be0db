/* SPDX-License-Identifier: Apache-2.0 */
/* fake_world - a world for scripts that holds three connectors, one certificate and two files, and
 * notes what a script does to it. Get-ReceiveConnector and Get-ExchangeCertificate answer; what
 * changes something is noted as "[Set-X {parameters}]". */
#ifndef TESTS_SUPPORT_FAKE_WORLD_H
#define TESTS_SUPPORT_FAKE_WORLD_H

#include "shell/pattern.h"
#include "shell/shell.h"

#include <stdlib.h>
#include <string.h>

#define FAKE_THUMBPRINT "2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319"

struct fake_world {
    struct text output, errors;
    size_t calls;
    const char *answer; /* to a question that is no secret; NULL: nobody is there */
};

static const char fake_connectors[] =
    "[{\"Identity\":\"MX\\\\Default Frontend MX\",\"Name\":\"Default Frontend "
    "MX\",\"Bindings\":[\"[::]:25\",\"0.0.0.0:25\"],"
    "\"Enabled\":true,\"Fqdn\":\"mx.example.test\",\"AuthMechanism\":\"Tls, "
    "Integrated\",\"RemoteIPRanges\":[\"0.0.0.0-255.255.255.255\"],"
    "\"MaxMessageSize\":\"36 MB (37,748,736 "
    "bytes)\",\"ConnectionTimeout\":\"00:10:00\",\"TlsCertificateName\":null,\"MaxLocalHopCount\":"
    "5},"
    "{\"Identity\":\"MX\\\\Client Frontend MX\",\"Name\":\"Client Frontend "
    "MX\",\"Bindings\":[\"[::]:587\"],\"Enabled\":true,"
    "\"Fqdn\":\"mx.example.test\",\"AuthMechanism\":\"Tls, "
    "BasicAuth\",\"RemoteIPRanges\":[\"10.0.0.1\",\"10.0.0.2\"],"
    "\"MaxMessageSize\":\"36 MB (37,748,736 "
    "bytes)\",\"ConnectionTimeout\":\"00:10:00\",\"TlsCertificateName\":\"<I>CN=CA<S>CN=old\","
    "\"MaxLocalHopCount\":5},"
    "{\"Identity\":\"MX\\\\Relay\",\"Name\":\"Relay\",\"Bindings\":[\"0.0.0.0:2525\"],\"Enabled\":"
    "false,"
    "\"Fqdn\":\"relay.example.test\",\"AuthMechanism\":\"None\",\"RemoteIPRanges\":[\"192.0.2.7\"],"
    "\"MaxMessageSize\":\"1 MB (1,048,576 "
    "bytes)\",\"ConnectionTimeout\":\"00:30:00\",\"TlsCertificateName\":null,\"MaxLocalHopCount\":"
    "1}]";
static const char fake_certificates[] =
    "[{\"Thumbprint\":\"" FAKE_THUMBPRINT
    "\",\"Services\":\"SMTP\",\"ServicesMask\":\"....S..\",\"Subject\":\"CN=mail.contoso.com\","
    "\"Issuer\":\"CN=Contoso CA, "
    "O=Contoso\",\"NotAfter\":\"2027-03-01T00:00:00.000Z\",\"Status\":\"Valid\"}]";

/* As Exchange's Management Shell writes it, shortened. */
static const char fake_clixml[] =
    "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">"
    "<Obj RefId=\"0\"><TN "
    "RefId=\"0\"><T>Microsoft.Exchange.Data.Directory.SystemConfiguration.ReceiveConnector</"
    "T><T>System.Object</T></TN>"
    "<ToString>EX1\\Relay</ToString><Props>"
    "<Obj N=\"Bindings\" RefId=\"1\"><TN "
    "RefId=\"1\"><T>MultiValuedProperty</T></TN><LST><S>0.0.0.0:25</S><S>[::]:25</S></LST></Obj>"
    "<B N=\"Enabled\">true</B><I32 N=\"MaxLocalHopCount\">5</I32><TS "
    "N=\"ConnectionTimeout\">PT10M</TS>"
    "<Obj N=\"MaxMessageSize\" RefId=\"2\"><TNRef RefId=\"0\" /><ToString>36 MB (37,748,736 "
    "bytes)</ToString><Props><B N=\"IsUnlimited\">false</B></Props></Obj>"
    "<Obj N=\"AuthMechanism\" RefId=\"3\"><ToString>Tls</ToString><I32>2</I32></Obj>"
    "<S N=\"Comment\">a &lt;b&gt; &amp; _x000A_c &#x20AC;</S><Nil N=\"Fqdn\" /><DT "
    "N=\"WhenChanged\">2019-01-25T00:03:58Z</DT>"
    "<Ref N=\"Again\" RefId=\"1\" /></Props><MS><S N=\"Name\">Relay</S></MS></Obj></Objs>";

static json_t *fake_objects(const char *written, const char *key, json_t *parameters)
{
    json_t *all = json_loads(written, 0, NULL), *found = json_array();
    const char *identity = json_string_value(json_object_get(parameters, key));
    size_t index;
    json_t *object;
    json_array_foreach(all, index, object)
    {
        struct slice wanted = slice_of(identity ? identity : "*");
        struct slice id = slice_of(json_string_value(json_object_get(object, key))), name = id;
        slice_take_until(&name, '\\', &(struct slice){0});
        if (wildcard_match(wanted, id, false) || wildcard_match(wanted, name, false))
            json_array_append(found, object);
    }
    json_decref(all);
    return found;
}

static json_t *fake_reply(json_t *objects, const char *noun)
{
    if (json_array_size(objects) > 0)
        return json_pack("{s:o, s:s}", "objects", objects, "noun", noun);
    return json_pack("{s:o, s:s, s:{s:s, s:s}}", "objects", objects, "noun", noun, "error",
                     "category", "ObjectNotFound", "message", "there is none of this name");
}

static json_t *fake_call(void *context, const struct operation *operation, json_t *parameters,
                         enum operation_error *out_outcome, struct text *error)
{
    struct fake_world *fake = context;
    char storage[96];
    struct text name = text_over(storage, sizeof(storage));
    (void)error;
    fake->calls++;
    *out_outcome = OPERATION_OK;
    operation_append_name(&name, operation);
    if (slice_equal(text_slice(&name), SLICE("Get-ReceiveConnector")))
        return fake_reply(fake_objects(fake_connectors, "Identity", parameters),
                          "ReceiveConnector");
    if (slice_equal(text_slice(&name), SLICE("Get-ExchangeCertificate")))
        return fake_reply(fake_objects(fake_certificates, "Thumbprint", parameters),
                          "ExchangeCertificate");
    char *written = json_dumps(parameters, JSON_COMPACT);
    text_append_format(&fake->output, "[%.*s %s]\n", SLICE_ARG(text_slice(&name)),
                       written ? written : "");
    free(written);
    return json_pack("{s:[]}", "objects");
}

static json_t *fake_call_each(void *context, const struct operation *operation, json_t *parameters,
                              json_t *each, bool stop, enum operation_error *out_outcome,
                              struct text *error)
{
    json_t *replies = json_array(), *own;
    size_t index;
    json_array_foreach(each, index, own)
    {
        json_t *all = json_copy(parameters);
        json_object_update(all, own);
        json_t *reply = fake_call(context, operation, all, out_outcome, error);
        json_decref(all);
        bool failed = json_object_get(reply, "error");
        json_array_append_new(replies, reply);
        if (failed && stop)
            break;
    }
    return json_pack("{s:o}", "replies", replies);
}

static bool fake_read(void *context, struct slice path, struct text *out, struct text *error)
{
    (void)context;
    if (slice_equal(path, SLICE("hosts.csv")))
        return text_append_c(out, "name,ip\none,10.0.0.1\n\"two, too\",10.0.0.2\n");
    if (slice_equal(path, SLICE("connectors.xml")))
        return text_append_c(out, fake_clixml);
    if (slice_equal(path, SLICE("wide.csv")))
        return text_append(out, SLICE("\xff\xfe"
                                      "n\0\n\0"
                                      "\xe9\0"
                                      "\x3d\xd8\x00\xde"));
    if (slice_equal(path, SLICE("deep.xml"))) {
        for (size_t i = 0; i < 100000; i++)
            text_append_c(out, "<Obj><MS>");
        return true;
    }
    if (slice_equal(path, SLICE("mail.pfx")))
        return text_append(out, SLICE("\x30\x82\x00\xff"));
    text_append_format(error, "%.*s: No such file or directory", SLICE_ARG(path));
    return false;
}

static bool fake_exists(void *context, struct slice path)
{
    (void)context;
    return slice_equal(path, SLICE("hosts.csv"));
}

static bool fake_write(void *context, struct slice path, struct slice bytes, bool append,
                       struct text *error)
{
    struct fake_world *fake = context;
    (void)error;
    text_append_format(&fake->output, "[%s %.*s: %.*s]\n", append ? "append" : "write",
                       SLICE_ARG(path), SLICE_ARG(bytes));
    return true;
}

static bool fake_ask(void *context, struct slice prompt, bool secret, struct text *out)
{
    const struct fake_world *fake = context;
    (void)prompt;
    return fake->answer && text_append_c(out, secret ? "hunter2" : fake->answer);
}

static int64_t fake_now(void *context)
{
    (void)context;
    return 1795564800000; /* 2026-11-25T00:00:00Z */
}

static void fake_print(void *context, enum world_stream stream, struct slice bytes)
{
    struct fake_world *fake = context;
    text_append(stream == WORLD_OUTPUT ? &fake->output : &fake->errors, bytes);
}

static inline void fake_world_init(struct fake_world *fake, struct world *out, size_t output_max)
{
    *fake = (struct fake_world){.output = text_with_ceiling(output_max),
                                .errors = text_with_ceiling(output_max),
                                .answer = "alice"};
    *out = (struct world){.context = fake,
                          .call = fake_call,
                          .call_each = fake_call_each,
                          .read_file = fake_read,
                          .file_exists = fake_exists,
                          .write_file = fake_write,
                          .ask = fake_ask,
                          .now_ms = fake_now,
                          .print = fake_print};
}

static inline void fake_world_deinit(struct fake_world *fake)
{
    text_deinit(&fake->output);
    text_deinit(&fake->errors);
}

#endif
