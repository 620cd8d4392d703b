/** Tests of the Kafka clients. */
@NullMarked
package io.millrace.topology.load;

import org.jspecify.annotations.NullMarked;
