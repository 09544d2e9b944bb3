// File requests and chunks (S63, S64), and base64 for the bytes that travel inside JSON.
#include "proto/messages.hpp"

#include "proto/raw.hpp"
#include "proto/sodium_ready.hpp"
#include "proto/wire.hpp"
#include "proto/wire_ids.hpp"

#include <sodium.h>

namespace prove {

namespace {

constexpr std::uint64_t most_chunk_bytes = 256u << 10;
constexpr std::size_t chunk_head = 1 + 16 + 32 + 8;

}  // namespace

Value to_value(const FileRequest& request) {
    Value result = Value::object();
    result.set("job", request.job.text());
    result.set("hash", request.hash.hex());
    result.set("offset", request.offset);
    result.set("length", static_cast<std::int64_t>(request.length));
    return result;
}

FileRequest file_request_from(const Value& value) {
    Fields fields(value, "file request");
    FileRequest result;
    result.job = job_from(fields.required("job"));
    result.hash = fixed_from<Hash>(fields.required("hash"), "hash");
    result.offset = bounded(fields.required("offset"), any_count - most_chunk_bytes, "offset");
    result.length = static_cast<std::uint32_t>(bounded(fields.required("length"), most_chunk_bytes, "length"));
    fields.end();
    if (result.length == 0) throw Error(ErrorKind::invalid, "file request: length out of range: 0");
    return result;
}

std::string to_bytes(const FileChunk& chunk) {
    RawWriter raw;
    raw.number<1>(chunk.found ? 0 : 1);
    raw.bytes(chunk.job.raw().view());
    raw.bytes(chunk.hash.view());
    raw.number<8>(chunk.offset);
    if (chunk.found) raw.bytes(chunk.bytes);
    return raw.take();
}

FileChunk file_chunk_from(std::string_view bytes) {
    if (bytes.size() < chunk_head || bytes.size() > chunk_head + most_chunk_bytes)
        throw Error(ErrorKind::invalid, "file chunk: " + std::to_string(bytes.size()) + " bytes");
    RawReader raw(bytes);
    FileChunk result;
    const auto status = raw.number<1>();
    if (status > 1) throw Error(ErrorKind::invalid, "file chunk: unknown status " + std::to_string(status));
    result.found = status == 0;
    result.job = JobId(raw.fixed<JobId::Raw>());
    result.hash = raw.fixed<Hash>();
    result.offset = raw.number<8>();
    result.bytes = raw.rest();
    if (!result.found && !result.bytes.empty()) throw Error(ErrorKind::invalid, "file chunk: bytes of no file");
    return result;
}

std::string to_base64(std::string_view bytes) {
    ensure_sodium();
    std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                      sodium_base64_VARIANT_ORIGINAL);
    text.pop_back();  // libsodium ends it with a NUL
    return text;
}

std::string from_base64(std::string_view text) {
    ensure_sodium();
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    const int failed = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                                         text.size(), nullptr, &size, &end, sodium_base64_VARIANT_ORIGINAL);
    if (failed != 0 || end != text.data() + text.size()) throw Error(ErrorKind::invalid, "malformed base64");
    bytes.resize(size);
    return bytes;
}

}  // namespace prove
