/** Tests of the handlers. */
@NullMarked
package io.millrace.topology.handler;

import org.jspecify.annotations.NullMarked;
