import HTTPTypes
package import Hummingbird
import HummingbirdCore
package import MusterDirectory
package import SCIM

/// SCIM over HTTP (RFC 7644) on any Hummingbird router, with its own authentication, limits, errors and log line.
///
/// Nothing is asked of the router's context, so that an embedding application keeps its own:
///
///     SCIMRoutes(directory: directory, authentication: authentication).add(to: router.group("scim/v2"))
package struct SCIMRoutes<Context: Hummingbird.RequestContext>: Sendable {
    private static var methods: [HTTPRequest.Method] { [.get, .head, .post, .put, .patch, .delete, .options, .trace] }

    private let responder: SCIMResponder

    /// Creates the routes.
    /// - Parameter serviceProviderConfig: What `/ServiceProviderConfig` answers; nil for what this server does.
    package init(
        directory: Directory, authentication: BearerAuthentication, settings: ServerSettings = .init(),
        serviceProviderConfig: ServiceProviderConfig? = nil
    ) {
        responder = SCIMResponder(
            directory: directory, authentication: authentication, settings: settings,
            serviceProviderConfig: serviceProviderConfig
                ?? ServiceProviderConfig(filterMaximumResults: directory.settings.maximumCount))
    }

    /// Registers everything below the path of `router`, normally a group at `/scim/v2`.
    ///
    /// It is one route that takes every path and method, because what is below the base URL is ours to answer: an
    /// unknown endpoint and a method that does not fit get a SCIM error. Routes that the application adds itself
    /// come first.
    package func add(to router: some RouterMethods<Context>) {
        let responder = responder
        for method in Self.methods {
            router.on("**", method: method) { request, context -> Response in
                // The captured part is a slice of the whole path: what stands before it is the group's.
                let path = context.parameters[Parameters.recursiveCaptureKey] ?? ""
                let prefix = path.base[..<path.startIndex]
                return await responder.respond(to: request, prefix: prefix, path: path, logger: context.logger) { pattern in
                    context.coreContext.endpointPath.value = prefix.dropLast() + pattern
                }
            }
        }
    }
}
