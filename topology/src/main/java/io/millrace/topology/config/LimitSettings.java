package io.millrace.topology.config;

/** What a prompt may be at most; beyond it the prompt is rejected. */
public record LimitSettings(
    @Setting(value = "Bytes of a prompt record's value.", otherwise = "512KiB")
        ByteSize promptBytes,
    @Setting(
            value = "Bytes of a prompt record's key and headers, which all of its events carry.",
            otherwise = "32KiB")
        ByteSize keyAndHeaderBytes,
    @Setting(value = "Messages of a prompt.", otherwise = "256", min = 1) int messages,
    @Setting(value = "Stop strings of a prompt.", otherwise = "16", min = 0) int stopStrings,
    @Setting(value = "Characters of a stop string.", otherwise = "256", min = 1)
        int stopStringLength,
    @Setting(value = "Metadata entries of a prompt.", otherwise = "64", min = 0)
        int metadataEntries,
    @Setting(
            value =
                "Bytes of a prompt's tenant, conversation id, model and metadata together, which"
                    + " all of its events carry.",
            otherwise = "16KiB")
        ByteSize labelBytes,
    @Setting(value = "Characters of a request id.", otherwise = "256", min = 1) int requestIdLength,
    @Setting(
            value =
                "An error event carries the original value up to this size, and beyond it only"
                    + " says where it is.",
            otherwise = "512KiB")
        ByteSize errorValueBytes) {}
