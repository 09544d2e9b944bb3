// /v1/contents: files for jobs that are asked for next. Their bytes are the body as it is.
#include "master/api/resources.hpp"

namespace prove {

namespace {

void give_content(ApiContext& context, Exchange exchange) {
    const BlobRef blob = context.master.give_content(*exchange.permit, std::move(exchange.request.body));
    Value value = Value::object();
    value.set("hash", blob.hash.hex());
    value.set("size", blob.size);
    exchange.send(200, value);
}

}  // namespace

void add_contents(std::vector<ApiRoute>& routes, ApiContext& context) {
    routes.push_back({"POST", contents_path, ApiRoute::Needs::permission, Permission::cmd, {},
                      [&context](Exchange exchange) { give_content(context, std::move(exchange)); }});
}

}  // namespace prove
