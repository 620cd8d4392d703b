/** Tests of the processors. */
@NullMarked
package io.millrace.topology.processor;

import org.jspecify.annotations.NullMarked;
