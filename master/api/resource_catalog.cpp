// /v1/catalog: which snapshot is in force, and what is wrong with a newer one.
#include "master/api/resources.hpp"
#include "master/api/shapes.hpp"

namespace prove {

void add_catalog(std::vector<ApiRoute>& routes, ApiContext& context) {
    routes.push_back({"GET", "/v1/catalog", ApiRoute::Needs::permission, Permission::catalog_read, {},
                      [&context](const Exchange& exchange) {
                          exchange.send(200, shape_of(context.master.catalog(*exchange.permit)));
                      }});
    routes.push_back({"POST", "/v1/catalog/reload", ApiRoute::Needs::permission, Permission::catalog_write, {},
                      [&context](Exchange exchange) {
                          const Permit permit = *exchange.permit;
                          context.master.reload_catalog(permit, answer_with<CatalogStatus>(std::move(exchange), 200,
                                                        [](const CatalogStatus& status) { return shape_of(status); }));
                      }});
}

}  // namespace prove
