// The body of a fetched file. See the header.
#include "proto/fetched.hpp"

#include "proto/messages.hpp"

namespace prove {

namespace {

constexpr std::size_t piece_bytes = 512u << 10;

}  // namespace

Value to_value(const Fetched& fetched) {
    Value body = Value::object();
    body.set("path", fetched.path);
    body.set("size", fetched.bytes.size());
    body.set("hash", hash_of(fetched.bytes).hex());
    body.set("user", fetched.user);
    body.set("group", fetched.group);
    body.set("mode", static_cast<int>(fetched.mode));
    Value pieces = Value::array();
    for (std::size_t at = 0; at < fetched.bytes.size(); at += piece_bytes)
        pieces.push(to_base64(std::string_view(fetched.bytes).substr(at, piece_bytes)));
    body.set("pieces", std::move(pieces));
    return body;
}

Fetched fetched_from(const Value& body) {
    Fields fields(body, "a fetched file");
    Fetched fetched;
    fetched.path = fields.text("path");
    fetched.user = fields.text("user");
    fetched.group = fields.text("group");
    fetched.mode = static_cast<unsigned>(fields.integer("mode") & 07777);
    const std::int64_t size = fields.integer("size");
    const std::string hash = fields.text("hash");
    for (const std::string& piece : fields.texts("pieces")) {
        fetched.bytes += from_base64(piece);
        if (fetched.bytes.size() > most_fetched) throw Error(ErrorKind::invalid, "the file that came has more than 2 MiB");
    }
    fields.end();
    if (size < 0 || fetched.bytes.size() != static_cast<std::uint64_t>(size) || hash_of(fetched.bytes).hex() != hash)
        throw Error(ErrorKind::invalid, "the bytes that came are not those that were read: their size or hash differs");
    return fetched;
}

Value without_bytes(Value body) {
    if (body.is_mapping()) body.mapping().erase("pieces");
    return body;
}

}  // namespace prove
