import HTTPTypes
import HummingbirdCore
import MusterDirectory
import NIOCore
import SCIM

extension Response {
    /// An answer with a JSON document.
    init(status: HTTPResponse.Status, bytes: [UInt8], mediaType: MediaType) {
        self.init(
            status: status, headers: [.contentType: mediaType.rawValue], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// An error's message (RFC 7644 §3.12) with the headers that belong to its status.
    init(_ error: SCIMError, mediaType: MediaType) {
        self.init(status: HTTPResponse.Status(code: error.status), bytes: error.jsonBytes, mediaType: mediaType)
        if let seconds = error.retryAfter { headers[.retryAfter] = String(seconds) }
    }

    /// A resource; 204 where there is nothing to show, 304 where the client has it already.
    init(_ answer: ResourceAnswer, status: HTTPResponse.Status, mediaType: MediaType) {
        if answer.isUnmodified {
            self.init(status: .notModified)
        } else if let body = answer.body {
            self.init(status: status, bytes: body, mediaType: mediaType)
        } else {
            self.init(status: .noContent)
        }
        headers[.eTag] = answer.etag
    }
}
