import HTTPTypes
package import HummingbirdCore
import NIOCore
package import SCIM

/// Reads a request's body as JSON within the limits of size, time and depth.
package struct BodyReader: Sendable {
    let limits: ServerLimits

    /// Creates a reader.
    package init(limits: ServerLimits) { self.limits = limits }

    /// The JSON that a request carries.
    /// - Parameter maximumBytes: How long it may be; nil for what the limits say.
    /// - Throws: `SCIMError` 415 for another media type, 413, 408, or invalidSyntax.
    package func json(of request: Request, maximumBytes: Int? = nil) async throws -> AttributeValue {
        var limits = limits
        if let maximumBytes { limits.maximumBodyBytes = maximumBytes }
        return try await Self(limits: limits).json(ofBody: request)
    }

    /// The bytes that a request carries, whatever they are.
    /// - Parameter maximumBytes: How many there may be.
    /// - Throws: `SCIMError` 413, 408, or invalidSyntax where the body breaks off.
    func bytes(of request: Request, maximumBytes: Int) async throws -> ByteBuffer {
        var limits = limits
        limits.maximumBodyBytes = maximumBytes
        return try await Self(limits: limits).buffer(of: request)
    }

    private func buffer(of request: Request) async throws -> ByteBuffer {
        let declared = request.headers[.contentLength].flatMap { Int($0) }
        if let declared, declared > limits.maximumBodyBytes { throw tooLarge }
        let buffer = try await collect(request.body)
        if let declared, declared != buffer.readableBytes, buffer.readableBytes > 0 {
            throw SCIMError.invalidSyntax("the body ended before its Content-Length")
        }
        return buffer
    }

    private func json(ofBody request: Request) async throws -> AttributeValue {
        try MediaType.check(contentType: request.headers[.contentType])
        let buffer = try await buffer(of: request)
        guard buffer.readableBytes > 0 else { throw SCIMError.invalidSyntax("the body is empty; send a JSON object") }
        let result = buffer.withUnsafeReadableBytes { bytes in
            bytes.withMemoryRebound(to: UInt8.self) { bytes in
                Result { () throws(JSONError) in try AttributeValue(json: bytes, limits: limits.json) }
            }
        }
        return try result.get()
    }

    /// The whole body, if it comes in time. An idle timeout alone would let a client send one byte now and then.
    private func collect(_ body: RequestBody) async throws -> ByteBuffer {
        let limits = limits
        return try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
            group.addTask {
                do { return try await body.collect(upTo: limits.maximumBodyBytes) } catch is NIOTooManyBytesError {
                    throw tooLarge
                } catch is CancellationError {
                    return nil
                } catch {
                    throw SCIMError.invalidSyntax("the body could not be read to its end")
                }
            }
            group.addTask {
                try? await Task.sleep(for: limits.bodyTimeout)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let buffer = first else {
                throw SCIMError(status: 408, detail: "the body did not arrive within \(limits.bodyTimeout)")
            }
            return buffer
        }
    }

    private var tooLarge: SCIMError { .payloadTooLarge("the body is larger than \(limits.maximumBodyBytes) bytes") }
}
