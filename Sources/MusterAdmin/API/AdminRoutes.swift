import HTTPTypes
package import Hummingbird
import HummingbirdCore
import MusterCore
package import MusterProvisioner
package import MusterServer

/// Administration as JSON on any Hummingbird router, with its own authentication, limits, errors and log line:
///
///     AdminRoutes(provisioner: provisioner, authentication: authentication).add(to: router.group("admin/api"))
///
/// Only tokens with the scopes `admin` or `admin:read` of the tenant get in, and whatever changes something leaves an audit
/// entry in the name of the token.
package struct AdminRoutes<Context: Hummingbird.RequestContext>: Sendable {
    private let responder: AdminResponder
    private let metrics = HTTPMetrics()

    /// Creates the routes of all tenants.
    /// - Parameter reconciliations: Those that are under way; shared by all routes of a process, so that a target has one at a
    ///   time.
    package init(
        provisioner: Provisioner, authentication: Authentication, settings: ServerSettings = .init(),
        reconciliations: Reconciliations = Reconciliations()
    ) {
        responder = AdminResponder(
            provisioner: provisioner, authentication: authentication, settings: settings, reconciliations: reconciliations)
    }

    /// Registers everything below the path of `router`, normally a group at `/admin/api` for the default tenant and one at
    /// `/tenants/:tenant/admin/api` for the others.
    ///
    /// It is one route that takes every path and method, so that an unknown path and a method that does not fit are answered in
    /// the same form as everything else.
    package func add(to router: some RouterMethods<Context>) {
        for method in HTTPRequest.Method.tried {
            router.on("**", method: method) { request, context -> Response in
                await respond(to: request, context, path: context.parameters[Parameters.recursiveCaptureKey] ?? "")
            }
            router.on("", method: method) { request, context -> Response in await respond(to: request, context, path: "") }
        }
    }

    private func respond(to request: Request, _ context: Context, path: Substring) async -> Response {
        let named = context.parameters[SCIMRoutes<Context>.tenantParameter[...]]
        let start = ContinuousClock.now
        var route: String?
        let response = await responder.respond(
            to: request, tenant: named.map { Tenant(name: String($0)) } ?? .default, path: path,
            remoteAddress: (context as? any RemoteAddressRequestContext)?.remoteAddress, logger: context.logger
        ) { pattern in
            // With a name for the tenant, so that metrics have a bounded number of labels.
            let found = (named == nil ? "/admin/api" : "/tenants/{tenant}/admin/api") + pattern
            context.coreContext.endpointPath.value = found
            route = found
        }
        metrics.count(route: route, method: request.method, status: response.status.code, duration: ContinuousClock.now - start)
        return response
    }
}
