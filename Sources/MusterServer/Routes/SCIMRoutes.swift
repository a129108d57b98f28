import HTTPTypes
package import Hummingbird
import HummingbirdCore
import MusterCore
package import MusterDirectory
package import SCIM

/// SCIM over HTTP (RFC 7644) on any Hummingbird router, with its own authentication, limits, errors and log line.
///
/// Nothing is asked of the router's context, so that an embedding application keeps its own:
///
///     SCIMRoutes(directory: directory, authentication: authentication).add(to: router.group("scim/v2"))
package struct SCIMRoutes<Context: Hummingbird.RequestContext>: Sendable {
    private let responder: SCIMResponder
    private let metrics = HTTPMetrics()

    /// Creates the routes of all tenants.
    /// - Parameters:
    ///   - directories: Finds the engine of the tenant that a URL names.
    ///   - events: Tells of changes as security events; nil to keep them to the directory.
    package init(
        directories: @escaping DirectoryLookup, authentication: Authentication, settings: ServerSettings = .init(),
        events: EventFeed? = EventFeed()
    ) {
        responder = SCIMResponder(directories: directories, authentication: authentication, settings: settings, events: events)
    }

    /// Creates the routes of the default tenant alone.
    package init(
        directory: Directory, authentication: Authentication, settings: ServerSettings = .init(), events: EventFeed? = EventFeed()
    ) {
        self.init(
            directories: { $0 == .default ? directory : nil }, authentication: authentication, settings: settings, events: events)
    }

    /// The parameter in the path of a router that names the tenant.
    package static var tenantParameter: String { "tenant" }

    /// Registers everything below the path of `router`, normally a group at `/scim/v2` for the default tenant and one at
    /// `/tenants/:tenant/scim/v2` for the others.
    ///
    /// It is one route that takes every path and method, because what is below the base URL is ours to answer: an
    /// unknown endpoint and a method that does not fit get a SCIM error. Routes that the application adds itself
    /// come first.
    package func add(to router: some RouterMethods<Context>) {
        let (responder, metrics) = (responder, metrics)
        for method in HTTPRequest.Method.tried {
            router.on("**", method: method) { request, context -> Response in
                // The captured part is a slice of the whole path: what stands before it is the group's.
                let path = context.parameters[Parameters.recursiveCaptureKey] ?? ""
                return await Self.respond(responder, metrics, request, context, prefix: path.base[..<path.startIndex], path: path)
            }
            // The base URL itself: a search over all types.
            router.on("", method: method) { request, context -> Response in
                let path = request.uri.path[...]
                return await Self.respond(responder, metrics, request, context, prefix: path, path: path[path.endIndex...])
            }
        }
    }

    /// Registers `/openapi.json`, the description of the default tenant's endpoints, at the path of `router`.
    /// - Parameters:
    ///   - basePath: Where these endpoints are, with a slash at both ends.
    ///   - supplement: What is described there besides; nil for nothing.
    package func addDescription(
        to router: some RouterMethods<Context>, basePath: String = "/scim/v2/", supplement: OpenAPISupplement? = nil
    ) {
        var described = responder
        described.supplement = supplement
        let (responder, metrics) = (described, metrics)
        for method in [HTTPRequest.Method.get, .head] {
            router.on("openapi.json", method: method) { request, context -> Response in
                await Self.respond(responder, metrics, request, context, prefix: basePath[...], path: "openapi.json")
            }
        }
    }

    private static func respond(
        _ responder: SCIMResponder, _ metrics: HTTPMetrics, _ request: Request, _ context: Context, prefix: Substring, path: Substring
    ) async -> Response {
        let tenant = context.parameters[Self.tenantParameter[...]].map { Tenant(name: String($0)) } ?? .default
        let start = ContinuousClock.now
        var route: String?
        let response = await responder.respond(
            to: request, tenant: tenant, prefix: prefix, path: path,
            remoteAddress: (context as? any RemoteAddressRequestContext)?.remoteAddress,
            logger: context.logger
        ) { pattern in
            // With a name for the tenant, so that metrics have a bounded number of labels.
            let base = context.parameters[Self.tenantParameter[...]] == nil ? String(prefix) : "/tenants/{tenant}/scim/v2/"
            let found = (base.hasSuffix("/") ? String(base.dropLast()) : base) + pattern
            context.coreContext.endpointPath.value = found
            route = found
        }
        metrics.count(route: route, method: request.method, status: response.status.code, duration: ContinuousClock.now - start)
        return response
    }
}
