package import MusterCore

extension PluginHost {
    /// What shapes answers: `onRead`, in the plugins' order.
    package var answerInterceptor: AnswerInterceptor {
        AnswerInterceptor(
            concerns: { [self] _ in !current.readers.isEmpty },
            shape: { [self] resources, resourceType, request in
                var resources = resources
                for plugin in current.readers { resources = try await plugin.shape(resources, of: resourceType, for: request) }
                return resources
            })
    }

    /// What repairs requests: `onRequest`, in the plugins' order.
    package var requestInterceptor: RequestInterceptor {
        RequestInterceptor(
            isNeeded: { [self] in !current.rewriters.isEmpty },
            rewrite: { [self] request, origin in
                var request = request
                for plugin in current.rewriters { request = try await plugin.rewrite(request, from: origin) }
                return request
            })
    }
}
