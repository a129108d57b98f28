extension UnsafeBufferPointer<UInt8> {
    /// Whether there are eight bytes at `index`, all of them ASCII and none a control character, a quote or a backslash:
    /// bytes that stand for themselves in a JSON string.
    ///
    /// The usual arithmetic on eight bytes in one word: subtracting sets the top bit of each byte that is smaller. It may
    /// say no where yes were right, never the other way round.
    @inline(__always)
    func isPlainWord(at index: Int) -> Bool {
        guard count &- index >= 8 else { return false }
        let word = UnsafeRawBufferPointer(self).loadUnaligned(fromByteOffset: index, as: UInt64.self)
        let (ones, tops): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        return (word | (word &- ones &* 0x20) | (quotes &- ones) | (backslashes &- ones)) & tops == 0
    }
}
